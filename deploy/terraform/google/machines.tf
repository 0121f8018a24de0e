locals {
  # A Spot machine is gone 30 s after its notice, and Compute Engine tells decant by a shutdown of the system.
  drain_seconds = 20

  start_script = {
    for role in ["web", "worker"] : role => templatefile("${path.module}/start.sh.tftpl", {
      role            = role
      project         = var.project
      region          = var.region
      bucket          = google_storage_bucket.files.name
      trusted_proxies = join(",", concat(local.load_balancer_ranges, ["${google_compute_global_address.page.address}/32"]))
      slots           = var.worker_slots
      retention_days  = var.retention_days
      drain_seconds   = local.drain_seconds
    })
  }
}

resource "google_compute_instance_template" "web" {
  name_prefix  = "decant-web-"
  machine_type = var.web_machine_type
  metadata = {
    startup-script         = local.start_script["web"]
    enable-oslogin         = "TRUE"
    block-project-ssh-keys = "TRUE"
  }

  disk {
    source_image = var.image
    disk_type    = "pd-balanced"
    disk_size_gb = 100
    auto_delete  = true
  }

  network_interface {
    subnetwork = google_compute_subnetwork.decant.id
  }

  service_account {
    email  = google_service_account.web.email
    scopes = ["cloud-platform"]
  }

  shielded_instance_config {
    enable_secure_boot          = true
    enable_vtpm                 = true
    enable_integrity_monitoring = true
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_instance_template" "worker" {
  name_prefix  = "decant-worker-"
  machine_type = var.worker_machine_type
  metadata = {
    startup-script         = local.start_script["worker"]
    enable-oslogin         = "TRUE"
    block-project-ssh-keys = "TRUE"
  }

  disk {
    source_image = var.image
    disk_type    = "pd-balanced"
    disk_size_gb = 100
    auto_delete  = true
  }

  network_interface {
    subnetwork = google_compute_subnetwork.decant.id
  }

  service_account {
    email  = google_service_account.worker.email
    scopes = ["cloud-platform"]
  }

  scheduling {
    provisioning_model          = var.worker_spot ? "SPOT" : "STANDARD"
    preemptible                 = var.worker_spot
    automatic_restart           = !var.worker_spot
    instance_termination_action = var.worker_spot ? "STOP" : null
  }

  shielded_instance_config {
    enable_secure_boot          = true
    enable_vtpm                 = true
    enable_integrity_monitoring = true
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Replaces machines that hang. It asks whether the process lives, not whether it is ready: a database that is away is no reason to replace the web tier.
resource "google_compute_health_check" "live" {
  name                = "decant-live"
  check_interval_sec  = 10
  timeout_sec         = 5
  unhealthy_threshold = 6

  http_health_check {
    port         = 8080
    request_path = "/livez"
  }
}

resource "google_compute_region_instance_group_manager" "web" {
  name                      = "decant-web"
  region                    = var.region
  base_instance_name        = "decant-web"
  target_size               = var.web_machines
  distribution_policy_zones = var.zones

  version {
    instance_template = google_compute_instance_template.web.id
  }

  named_port {
    name = "http"
    port = 8080
  }

  auto_healing_policies {
    health_check      = google_compute_health_check.live.id
    initial_delay_sec = 120
  }

  update_policy {
    type                         = "PROACTIVE"
    minimal_action               = "REPLACE"
    instance_redistribution_type = "PROACTIVE"
    max_surge_fixed              = length(var.zones)
    max_unavailable_fixed        = 0
  }
}

# A group for each zone: Compute Engine scales groups of a whole region by metrics of their machines only, and those cannot bring a group to zero.
resource "google_compute_instance_group_manager" "worker" {
  for_each           = toset(var.zones)
  name               = "decant-worker-${each.key}"
  zone               = each.key
  base_instance_name = "decant-worker"

  version {
    instance_template = google_compute_instance_template.worker.id
  }

  update_policy {
    type                  = "PROACTIVE"
    minimal_action        = "REPLACE"
    max_surge_fixed       = 1
    max_unavailable_fixed = 0
  }
}

# Workers by the messages that nobody has acknowledged: those that wait and those in work. Every zone sees all of them and takes its share.
resource "google_compute_autoscaler" "worker" {
  for_each = google_compute_instance_group_manager.worker
  name     = each.value.name
  zone     = each.key
  target   = each.value.id

  autoscaling_policy {
    min_replicas    = 0
    max_replicas    = ceil(var.workers_max / length(var.zones))
    cooldown_period = 60

    metric {
      name                       = "pubsub.googleapis.com/subscription/num_undelivered_messages"
      filter                     = "resource.type = pubsub_subscription AND resource.labels.subscription_id = \"${google_pubsub_subscription.tasks.name}\""
      single_instance_assignment = var.worker_slots * length(var.zones)
    }

    scale_in_control {
      time_window_sec = var.scale_in_window_seconds
      max_scaled_in_replicas {
        percent = 25
      }
    }
  }
}
