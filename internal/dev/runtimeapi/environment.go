package runtimeapi

import (
	"fmt"
	"path/filepath"
	"strings"
)

const (
	region  = "us-east-1"
	account = "000000000000"
)

// environment is what a function finds in Lambda, then env, which may override
// all but the address of the API. Nothing of this process's own environment
// comes through: it would not in Lambda either.
func environment(binary, address string, env []string) []string {
	name := functionName(binary)
	lambda := []string{
		"PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin",
		"LANG=en_US.UTF-8",
		"TZ=:UTC",
		"_HANDLER=bootstrap",
		"LAMBDA_TASK_ROOT=" + filepath.Dir(binary),
		"AWS_REGION=" + region,
		"AWS_DEFAULT_REGION=" + region,
		"AWS_ACCESS_KEY_ID=local",
		"AWS_SECRET_ACCESS_KEY=local",
		"AWS_LAMBDA_FUNCTION_NAME=" + name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + name,
		"AWS_LAMBDA_LOG_STREAM_NAME=local",
	}
	return append(append(lambda, env...), "AWS_LAMBDA_RUNTIME_API="+address)
}

// functionName is the folder of a binary that is called bootstrap, as it is in
// a package for Lambda, and otherwise the binary's own name.
func functionName(binary string) string {
	if filepath.Base(binary) == "bootstrap" {
		binary = filepath.Dir(binary)
	}
	return strings.TrimSuffix(filepath.Base(binary), filepath.Ext(binary))
}

func functionARN(binary string) string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", region, account, functionName(binary))
}
