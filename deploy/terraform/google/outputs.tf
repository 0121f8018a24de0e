output "address" {
  description = "Where the names of var.domains have to point"
  value       = google_compute_global_address.page.address
}

output "database_address" {
  description = "For the secret decant-database: postgresql://decant:PASSWORD@THIS/decant?sslmode=require"
  value       = google_sql_database_instance.decant.private_ip_address
}
