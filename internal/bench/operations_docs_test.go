package bench_test

var docsOperations = []operation{
	asked("GET /v1/roles", 200),
	asked("GET /v1/health", 200),
	asked("GET /docs", 200),
	asked("GET /openapi.json", 200),
	asked("GET /openapi.yaml", 200),
}
