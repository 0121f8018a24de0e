variable "project" {
  description = "Google Cloud project, with the APIs of compute, pubsub, sqladmin, secretmanager, servicenetworking and storage enabled"
  type        = string
}

variable "region" {
  description = "Region of everything; exactly-once delivery holds within one"
  type        = string
  default     = "europe-west1"
}

variable "zones" {
  description = "Zones of the web tier and the workers"
  type        = list(string)
  default     = ["europe-west1-b", "europe-west1-c"]

  validation {
    condition     = length(var.zones) >= 2
    error_message = "Two zones at least: one of them may fail."
  }
}

variable "image" {
  description = "Boot image of the machines: Debian 12 with decant's package installed (docs/deployment.md tells how it is made)"
  type        = string
}

variable "domains" {
  description = "Names of the page, which point at the load balancer's address; Google issues their certificate"
  type        = list(string)
}

variable "web_machine_type" {
  type    = string
  default = "e2-standard-2"
}

variable "web_machines" {
  description = "Web machines, spread over the zones"
  type        = number
  default     = 2
}

variable "worker_machine_type" {
  type    = string
  default = "c3d-standard-4"
}

variable "worker_slots" {
  description = "Conversions at once on one worker: its CPUs"
  type        = number
  default     = 4
}

variable "worker_spot" {
  description = "Workers on Spot machines: cheaper, and taken away with 30 s of notice, which the drain budget fits into"
  type        = bool
  default     = true
}

variable "workers_max" {
  type    = number
  default = 20
}

variable "scale_in_window_seconds" {
  description = "Workers go away only after the need was lower for this long"
  type        = number
  default     = 600
}

variable "database_tier" {
  type    = string
  default = "db-custom-2-7680"
}

variable "retention_days" {
  description = "decant deletes finished tasks with their files after so many days; 0: never"
  type        = number
  default     = 30
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to destroy the database and a bucket that is not empty"
  type        = bool
  default     = true
}
