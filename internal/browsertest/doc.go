// Package browsertest walks the product as people see it: Chromium, with a profile for each
// person, against the very server that `make dev` runs. Its tests leave pictures of every
// page and mail in artifacts/, for people to look at.
package browsertest
