resource "google_compute_network" "decant" {
  name                    = "decant"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "decant" {
  name                     = "decant"
  network                  = google_compute_network.decant.id
  region                   = var.region
  ip_cidr_range            = "10.20.0.0/20"
  private_ip_google_access = true
}

# Cloud SQL has an address inside the network and none outside.
resource "google_compute_global_address" "services" {
  name          = "decant-services"
  network       = google_compute_network.decant.id
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
}

resource "google_service_networking_connection" "services" {
  network                 = google_compute_network.decant.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.services.name]
}

# Only Google's load balancers and health checks reach the web tier, and nothing reaches a worker.
resource "google_compute_firewall" "web" {
  name                    = "decant-web"
  network                 = google_compute_network.decant.id
  source_ranges           = local.load_balancer_ranges
  target_service_accounts = [google_service_account.web.email]

  allow {
    protocol = "tcp"
    ports    = ["8080"]
  }
}

locals {
  # https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges
  load_balancer_ranges = ["35.191.0.0/16", "130.211.0.0/22"]
}
