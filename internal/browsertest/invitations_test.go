package browsertest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What became of an invitation shows, with what can be done about it: a mail that bounced is
// sent again or its invitation withdrawn, and one that expired is sent again.
func TestInvitations_thatDidNotArrive(t *testing.T) {
	t.Parallel()
	ada := newPerson(t, "ada@arrivals.example")
	ada.founds("Arrivals")
	const bounced, late, gone = "bounced@arrivals.example", "late@arrivals.example", "gone@arrivals.example"
	ada.clicks("Invite people")
	ada.fills("Email addresses", bounced+"\n"+late+"\n"+gone)
	ada.clicks("Send invitations")
	ada.sees("3 of 3 invited.")

	site.bounces(t, bounced)
	site.bounces(t, gone)
	invited := site.mails(t, late)[0]
	site.letsExpire(t, invited.Tags["org_id"], invited.Tags["invitation_id"])
	ada.opens("/arrivals/team?view=invitations")
	ada.sees(bounced, "Mail bounced")
	ada.misses(late)
	ada.clicks("Bounced")
	ada.sees(bounced, gone)
	ada.clicks("Resend to " + bounced)
	ada.sees("The invitation was sent again, with a new link.", "Mail sent")
	ada.clicks("Bounced")
	ada.sees(gone)
	ada.misses(bounced)
	ada.clicks("Withdraw the one to " + gone)
	ada.sees("Withdraw this invitation?", "The link in the mail stops working.")
	ada.clicks("Withdraw the invitation")
	ada.sees("The invitation was withdrawn.")
	ada.misses(gone)

	ada.clicks("Expired")
	ada.sees(late)
	ada.misses(bounced)
	ada.clicks("Resend to " + late)
	ada.sees("The invitation was sent again, with a new link.", late)
	ada.clicks("Withdrawn")
	ada.sees(gone)
}

// bounces lets the last mail to an address come back.
func (s *server) bounces(t *testing.T, to string) {
	t.Helper()
	s.posts(t, "/_dev/bounce?to="+url.QueryEscape(to), http.StatusNoContent)
}

// letsExpire makes an invitation due, as if its week were over, and runs the sweep.
func (s *server) letsExpire(t *testing.T, orgID, invitationID string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.dir, ".dev", "cloud.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cloud struct{ DynamoDB string }
	if err := json.Unmarshal(content, &cloud); err != nil {
		t.Fatal(err)
	}
	db := dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: &cloud.DynamoDB, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	past := &types.AttributeValueMemberN{Value: strconv.FormatInt(time.Now().Add(-time.Minute).UnixMicro(), 10)}
	_, err = db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName:        new("nemo-team"),
		Key:              map[string]types.AttributeValue{"pk": is("ORG#" + orgID), "sk": is("INVITE#" + invitationID)},
		UpdateExpression: new("SET expires_at = :past, due_at = :past"), ConditionExpression: new("attribute_exists(pk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":past": past},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.posts(t, "/_dev/expire", http.StatusOK)
}

func is(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }

func (s *server) posts(t *testing.T, path string, want int) {
	t.Helper()
	answer, err := http.Post(s.URL+path, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != want {
		t.Fatalf("%s: %s", path, answer.Status)
	}
}
