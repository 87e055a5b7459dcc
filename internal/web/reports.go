package web

import (
	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/credits"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// Reports is the function for what finance and security read.
type Reports struct {
	Audit audit.Reader
	Spend spend.Reporter

	Billing credits.Reader
	Prepaid bool
}

// Mount adds its routes.
func (f Reports) Mount(a *API) {
	f.mountAudit(a)
	f.mountSpend(a)
	f.mountBilling(a)
}
