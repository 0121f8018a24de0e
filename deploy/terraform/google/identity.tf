resource "google_service_account" "web" {
  account_id   = "decant-web"
  display_name = "decant: web tier"
}

resource "google_service_account" "worker" {
  account_id   = "decant-worker"
  display_name = "decant: workers"
}

locals {
  members = {
    web    = google_service_account.web.member
    worker = google_service_account.worker.member
  }
}

# Files of this bucket only, and none of its settings.
resource "google_storage_bucket_iam_member" "files" {
  for_each = local.members
  bucket   = google_storage_bucket.files.name
  role     = "roles/storage.objectUser"
  member   = each.value
}

# Both ring: a web process for uploads, a worker for what its sweep finds.
resource "google_pubsub_topic_iam_member" "tasks" {
  for_each = local.members
  topic    = google_pubsub_topic.tasks.id
  role     = "roles/pubsub.publisher"
  member   = each.value
}

resource "google_pubsub_subscription_iam_member" "tasks" {
  subscription = google_pubsub_subscription.tasks.id
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.worker.member
}

# At its start decant looks whether topic and subscription are as it needs them.
resource "google_pubsub_topic_iam_member" "look" {
  for_each = local.members
  topic    = google_pubsub_topic.tasks.id
  role     = "roles/pubsub.viewer"
  member   = each.value
}

resource "google_pubsub_subscription_iam_member" "look" {
  subscription = google_pubsub_subscription.tasks.id
  role         = "roles/pubsub.viewer"
  member       = google_service_account.worker.member
}

resource "google_secret_manager_secret_iam_member" "database" {
  for_each  = local.members
  secret_id = google_secret_manager_secret.decant["database"].id
  role      = "roles/secretmanager.secretAccessor"
  member    = each.value
}

# Workers sign nothing.
resource "google_secret_manager_secret_iam_member" "jwt_key" {
  secret_id = google_secret_manager_secret.decant["jwt-key"].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.web.member
}

resource "google_project_iam_member" "logs" {
  for_each = local.members
  project  = var.project
  role     = "roles/logging.logWriter"
  member   = each.value
}
