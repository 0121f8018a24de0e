data "google_project" "current" {}

resource "google_pubsub_topic" "tasks" {
  name = "tasks"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

resource "google_pubsub_topic" "dead" {
  name = "tasks-dead"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

# As `decant broker create` makes it, so that `decant broker check` finds nothing to change.
resource "google_pubsub_subscription" "tasks" {
  name                         = "tasks-sub"
  topic                        = google_pubsub_topic.tasks.id
  enable_exactly_once_delivery = true
  ack_deadline_seconds         = 60

  expiration_policy {
    ttl = "" # never
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead.id
    max_delivery_attempts = 10
  }

  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "60s"
  }
}

# To look at what ended there. The tasks themselves are in the database.
resource "google_pubsub_subscription" "dead" {
  name                       = "tasks-dead-sub"
  topic                      = google_pubsub_topic.dead.id
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = ""
  }
}

locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.current.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

# Pub/Sub itself moves dead letters.
resource "google_pubsub_topic_iam_member" "dead_letters" {
  topic  = google_pubsub_topic.dead.id
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  subscription = google_pubsub_subscription.tasks.id
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
