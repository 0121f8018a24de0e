resource "google_compute_global_address" "page" {
  name = "decant-page"
}

# A web process that drains answers 503 here, and gets no more requests.
resource "google_compute_health_check" "ready" {
  name                = "decant-ready"
  check_interval_sec  = 5
  timeout_sec         = 5
  unhealthy_threshold = 2

  http_health_check {
    port         = 8080
    request_path = "/readyz"
  }
}

resource "google_compute_backend_service" "web" {
  name                            = "decant-web"
  protocol                        = "HTTP"
  port_name                       = "http"
  load_balancing_scheme           = "EXTERNAL_MANAGED"
  timeout_sec                     = 3600 # uploads, downloads and event streams take as long as they take
  connection_draining_timeout_sec = local.drain_seconds
  health_checks                   = [google_compute_health_check.ready.id]

  backend {
    group           = google_compute_region_instance_group_manager.web.instance_group
    balancing_mode  = "UTILIZATION"
    max_utilization = 0.8
  }
}

resource "google_compute_url_map" "web" {
  name            = "decant"
  default_service = google_compute_backend_service.web.id
}

resource "google_compute_managed_ssl_certificate" "page" {
  name = "decant"

  managed {
    domains = var.domains
  }
}

resource "google_compute_ssl_policy" "page" {
  name            = "decant"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_target_https_proxy" "page" {
  name             = "decant"
  url_map          = google_compute_url_map.web.id
  ssl_certificates = [google_compute_managed_ssl_certificate.page.id]
  ssl_policy       = google_compute_ssl_policy.page.id
}

resource "google_compute_global_forwarding_rule" "page" {
  name                  = "decant"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.page.address
  port_range            = "443"
  target                = google_compute_target_https_proxy.page.id
}
