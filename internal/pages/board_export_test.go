package pages_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// The page leads to files of what it shows: for who may read it, under a telling name.
func TestBoard_auditExport(t *testing.T) {
	cast := apitest.New(t).Cast()
	b := browse(cast.Viewer)
	cast.Owner.Do("PATCH", "/v1/members/"+cast.Member.ID, apitest.Map{"role": "admin"}).Want(200)
	today := b.Clock.Now().Format(time.DateOnly)
	page := b.open("/audit?action=member.role_changed&actor=" + cast.Owner.Email + "&from=" + today).Want(200)
	for form, want := range map[string]struct{ media, ext string }{"csv": {"text/csv", ".csv"}, "jsonl": {"application/jsonl", ".jsonl"}} {
		href := link(t, page, `href="([^"]*file=`+form+`[^"]*)"`)
		var file *apitest.Reply
		calls := b.Wire.Record(func() { file = b.Browse("GET", href, "").Want(200) })
		if len(calls) > 2 {
			t.Errorf("%s took %d round trips", form, len(calls))
		}
		if got := file.Header.Get("Content-Type"); !strings.HasPrefix(got, want.media) {
			t.Errorf("%s came as %q", form, got)
		}
		name := fmt.Sprintf(`attachment; filename="%s-audit-%s-to-%s%s"`, b.base[1:], today, today, want.ext)
		if got := file.Header.Get("Content-Disposition"); got != name {
			t.Errorf("it is called %q, want %q", got, name)
		}
		says(t, file, "member.role_changed", cast.Owner.Email)
		silent(t, file, "org.created", "invitation.created")
		zipped := b.Browse("GET", href, "", "Accept-Encoding", "gzip").Want(200)
		unzip, err := gzip.NewReader(bytes.NewReader(zipped.Body))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(unzip); err != nil || !bytes.Equal(plain, file.Body) {
			t.Errorf("compressed it is %q, %v", plain, err)
		}
	}
	silent(t, b.open("/audit?to=2001-01-01"), "file=csv") // nothing to export
	b.open("/audit?file=xlsx").Want(400)
	b.open("/audit?file=csv&cursor=x").Want(422)
	b.open("/audit?file=csv&until=x").Want(400)
	browse(cast.Member.SignIn()).open("/audit?file=csv").Want(200) // an admin by now
	outsider := browse(b.SignUp("Other"))
	outsider.base = b.base
	outsider.open("/audit?file=csv").Want(404)
}

func TestBoard_auditExportNeedsTheRole(t *testing.T) {
	cast := apitest.New(t).Cast()
	browse(cast.Member).open("/audit?file=csv").Want(403)
	browse(cast.Member).open("/audit?file=jsonl&get=1&part=2").Want(403)
}

func link(t *testing.T, page *apitest.Reply, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindSubmatch(page.Body)
	if found == nil {
		t.Fatalf("there is no %s in %s", pattern, page.Body)
	}
	return strings.ReplaceAll(string(found[1]), "&amp;", "&")
}

// What is too long for one file comes in parts, and the page says so. Together they are all
// that there was when the first was shown, whatever is written meanwhile.
func TestBoard_auditExportInParts(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	_, id := b.WithKey("inference")
	b.EditAtLength(id, 500)
	var got []string
	want := apitest.Column(b.List("/v1/audit?limit=10"), "id")
	path := link(t, b.open("/audit").Want(200), `href="([^"]*file=jsonl[^"]*)"`)
	for part := 1; ; part++ {
		page := b.Browse("GET", path, "").Want(200)
		says(t, page, fmt.Sprintf("Part %d of the export", part))
		b.Do("PATCH", "/v1/org", apitest.Map{"name": fmt.Sprint("Acme ", part)}).Want(200)
		var file *apitest.Reply
		calls := b.Wire.Record(func() { file = b.Browse("GET", link(t, page, `href="([^"]*get=1[^"]*)"`), "").Want(200) })
		if len(calls) > 6 {
			t.Errorf("part %d took %d round trips", part, len(calls))
		}
		if name := file.Header.Get("Content-Disposition"); !strings.HasSuffix(name, fmt.Sprintf(`-part-%d.jsonl"`, part)) {
			t.Errorf("part %d is called %s", part, name)
		}
		entries := bytes.Split(bytes.TrimSpace(file.Body), []byte("\n"))
		says(t, page, fmt.Sprintf("%d entries", len(entries)))
		for _, line := range entries {
			var e struct{ ID string }
			if err := json.Unmarshal(line, &e); err != nil {
				t.Fatalf("%v: %.200s", err, line)
			}
			got = append(got, e.ID)
		}
		if !bytes.Contains(page.Body, []byte("Go on to the next part")) {
			says(t, page, "This is the last part")
			break
		}
		path = link(t, page, `href="([^"]*)">Go on to the next part`)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the parts hold %d entries, want %d", len(got), len(want))
	}
}

// Where a condition drops all that was read for a page, the page says that it is not the end.
func TestBoard_auditPageWithoutEntries(t *testing.T) {
	const more = 1000 // than one page reads
	b := browse(apitest.New(t).SignUp("Acme"))
	b.Clock.Advance(time.Second)
	b.Do("PATCH", "/v1/org", apitest.Map{"name": "Acme Robotics"}).Want(200)
	newest := entries(b)[0]
	id := newest["id"].(*types.AttributeValueMemberS).Value
	b.Fill(func(add func(apitest.Item)) {
		for range more {
			add(apitest.Copied(newest, id, b.NoID()))
		}
	})
	b.Clock.Advance(time.Second)
	page := b.open("/audit?action=org.created&target=" + b.OrgID).Want(200)
	says(t, page, "Nothing on this page", "Go on to the next page", ">Next page<", "file=csv")
	silent(t, page, "Nothing found")
	last := b.Browse("GET", link(t, page, `href="([^"]*)" rel="next"`), "").Want(200)
	says(t, last, "Organization created</a>")
}

// entries are the org's, newest first, as they lie in the table.
func entries(b browser) []apitest.Item {
	b.Helper()
	out, err := b.DB.Query(b.Context(), &dynamodb.QueryInput{
		TableName: &b.Table, KeyConditionExpression: aws.String("pk = :pk"), ScanIndexForward: aws.Bool(false),
		ExpressionAttributeValues: apitest.Item{":pk": &types.AttributeValueMemberS{Value: "AUDIT#" + b.OrgID}},
	})
	if err != nil || len(out.Items) == 0 {
		b.Fatalf("%d entries, %v", len(out.Items), err)
	}
	return out.Items
}
