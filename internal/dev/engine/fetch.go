package engine

import "github.com/nemorouter/nemo-team/internal/dev/setup"

// emulator is DynamoDB Local 1.25.1, which comes inside an npm package.
var emulator = setup.Package{
	Name:      "amplify-dynamodb-simulator@2.9.30",
	Integrity: "sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==",
	Folder:    "package/emulator",
	Home:      "dynamodb-local-2.9.30",
	Title:     "DynamoDB Local (55 MB)",
}

const jarName = "DynamoDBLocal.jar"
