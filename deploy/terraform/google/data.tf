resource "google_storage_bucket" "files" {
  name                        = "${var.project}-decant"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  # decant deletes files itself. What a deletion of its own accord would take away by mistake can be brought back for a week.
  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  # What a killed process began and never ended.
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  # Originals and results that stay are seldom read.
  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
    condition {
      age                   = 30
      matches_storage_class = ["STANDARD"]
    }
  }
}

resource "google_sql_database_instance" "decant" {
  name                = "decant"
  region              = var.region
  database_version    = "POSTGRES_15"
  deletion_protection = var.deletion_protection
  depends_on          = [google_service_networking_connection.services]

  settings {
    tier              = var.database_tier
    edition           = "ENTERPRISE"
    availability_type = "REGIONAL" # a standby in another zone
    disk_autoresize   = true
    disk_type         = "PD_SSD"

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.decant.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    maintenance_window {
      day          = 7
      hour         = 3
      update_track = "stable"
    }
  }
}

resource "google_sql_database" "decant" {
  name     = "decant"
  instance = google_sql_database_instance.decant.name
}

# The user's password and decant's signing key are made outside of Terraform, so that its state holds no secret (docs/deployment.md).
resource "google_secret_manager_secret" "decant" {
  for_each  = toset(["database", "jwt-key"])
  secret_id = "decant-${each.key}"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
}
