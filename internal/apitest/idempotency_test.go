package apitest_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// once sends a request with an idempotency key.
func once(p *apitest.Person, key, path string, body any) *apitest.Reply {
	return p.Do("POST", path, body, "Idempotency-Key", key)
}

func replayed(r *apitest.Reply) bool { return r.Header.Get("Idempotency-Replayed") == "true" }

// wantReplay fails unless r repeats first, but for the secret at a path, if there is one.
func wantReplay(t *testing.T, first, r *apitest.Reply, secret string) {
	t.Helper()
	if replayed(first) || !replayed(r) || r.Status != first.Status {
		t.Fatalf("first %d (replayed: %t), then %d (replayed: %t)", first.Status, replayed(first), r.Status, replayed(r))
	}
	var a, b apitest.Map
	first.Decode(&a)
	r.Decode(&b)
	if secret != "" {
		holder := "" // of the secret: the object that says that it is left out
		if at := strings.LastIndex(secret, "."); at > 0 {
			holder = secret[:at+1]
		}
		if first.Get(secret) == "" || r.Get(secret) != "" || r.Get(holder+"secret_omitted") != "true" {
			t.Errorf("secrets: %s / %s", first.Body, r.Body)
		}
		if first.Header.Get("Set-Cookie") != "" && r.Header.Get("Set-Cookie") != "" {
			t.Error("the replay sets a cookie")
		}
		strip(a, secret)
		strip(b, holder+"secret_omitted")
	}
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("the replay differs:\n%v\n%v", a, b)
	}
}

// strip removes what is at a dotted path.
func strip(m apitest.Map, path string) {
	name, rest, deeper := strings.Cut(path, ".")
	if inner, ok := m[name].(apitest.Map); ok && deeper {
		strip(inner, rest)
		return
	}
	delete(m, name)
}

// Each call that creates: repeated with its key it changes nothing and answers as before,
// without the secret; with another body it is refused.
func TestIdempotency_everyCallThatCreates(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	guest := email("guest")
	for _, c := range []struct {
		path, list    string
		body, another apitest.Map
		secret        string
	}{
		{"/v1/teams", "/v1/teams", apitest.Map{"name": "Research"}, apitest.Map{"name": "Design"}, ""},
		{"/v1/invitations", "/v1/invitations", apitest.Map{"email": guest, "role": "member"}, apitest.Map{"email": guest, "role": "admin"}, ""},
		{"/v1/keys", "/v1/keys", apitest.Map{"name": "laptop"}, apitest.Map{"name": "phone"}, "key"},
	} {
		t.Run(c.path, func(t *testing.T) {
			owner := owner.In(t)
			first := once(owner, "k-"+c.path, c.path, c.body).Want(201)
			rows, entries, mails := len(owner.List(c.list)), len(owner.List("/v1/audit")), len(w.Mail.To(guest))
			for range 3 {
				wantReplay(t, first, once(owner, "k-"+c.path, c.path, c.body), c.secret)
			}
			once(owner, "k-"+c.path, c.path, c.another).WantProblem(422, "idempotency_mismatch")
			if r, e, m := len(owner.List(c.list)), len(owner.List("/v1/audit")), len(w.Mail.To(guest)); r != rows || e != entries || m != mails {
				t.Errorf("repetitions made %d rows, %d entries, %d mails", r-rows, e-entries, m-mails)
			}
		})
	}
}

// One key, two operations: that is another request, too.
func TestIdempotency_keyIsOfOneOperation(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	once(owner, "k", "/v1/teams", apitest.Map{"name": "Research"}).Want(201)
	once(owner, "k", "/v1/keys", apitest.Map{"name": "Research"}).WantProblem(422, "idempotency_mismatch")
	once(owner, "k", "/v1/invitations", apitest.Map{"email": email("guest"), "role": "member"}).WantProblem(422, "idempotency_mismatch")
}

// A resend with its key mails once: a repetition does not kill the link that it sent.
func TestIdempotency_resend(t *testing.T) {
	w := apitest.New(t)
	owner, guest := w.SignUp("Acme"), email("guest")
	path := "/v1/invitations/" + owner.Invite(guest, "member") + "/resend"
	first := once(owner, "k", path, nil).Want(200)
	wantReplay(t, first, once(owner, "k", path, nil), "")
	if n := len(w.Mail.To(guest)); n != 2 {
		t.Errorf("%d mails for an invitation and a resend", n)
	}
	w.Join(guest)
}

// Keys of different callers never meet, within an org or across.
func TestIdempotency_othersKeysAreTheirs(t *testing.T) {
	w := apitest.New(t)
	cast, stranger := w.Cast(), w.SignUp("Elsewhere")
	body := apitest.Map{"name": "Research"}
	ids := map[string]bool{}
	for _, p := range []*apitest.Person{cast.Owner, cast.Admin, stranger} {
		r := once(p, "the same key", "/v1/teams", body).Want(201)
		if replayed(r) {
			t.Error("one caller got another's answer")
		}
		ids[r.Get("id")] = true
	}
	if len(ids) != 3 {
		t.Errorf("three callers made %d teams", len(ids))
	}
	withKey, _ := cast.Owner.WithKey("manage") // the same person, by another way in
	if !replayed(once(withKey, "the same key", "/v1/teams", body).Want(201)) {
		t.Error("a person's session and key are two callers")
	}
}

// A receipt lasts 24 hours; then the key is new.
func TestIdempotency_lastsADay(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	body := apitest.Map{"name": "Research"}
	first := once(owner, "k", "/v1/teams", body).Want(201)
	w.Clock.Advance(24*time.Hour - time.Minute)
	wantReplay(t, first, once(owner, "k", "/v1/teams", body), "")
	w.Clock.Advance(2 * time.Minute)
	second := once(owner, "k", "/v1/teams", body).Want(201)
	if replayed(second) || second.Get("id") == first.Get("id") {
		t.Error("the key is remembered for longer than a day")
	}
	wantReplay(t, second, once(owner, "k", "/v1/teams", body), "")
	once(owner, "k", "/v1/teams", apitest.Map{"name": "Design"}).WantProblem(422, "idempotency_mismatch")
}

// A refused call changed nothing, so it may be repeated when its reason is gone.
func TestIdempotency_refusalsAreNotKept(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	guest := email("guest")
	blocking := owner.Invite(guest, "viewer")
	body := apitest.Map{"email": guest, "role": "member"}
	once(owner, "k", "/v1/invitations", body).WantProblem(409, "invitation_exists")
	owner.Do("DELETE", "/v1/invitations/"+blocking, nil).Want(204)
	if replayed(once(owner, "k", "/v1/invitations", body).Want(201)) {
		t.Error("a refusal left a receipt")
	}
}

// A bulk call, repeated: rows that went through answer as before, none is mailed again.
func TestIdempotency_bulk(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	bad := apitest.Map{"email": "no address", "role": "member"}
	rows := append(manyRows(30), bad)
	body := apitest.Map{"invitations": rows}
	first := once(owner, "k", "/v1/invitations/bulk", body).Want(200)
	again := once(owner, "k", "/v1/invitations/bulk", body).Want(200)
	for i := range 30 {
		a, b := first.Row(i).Want(201), again.Row(i).Want(201)
		if string(a.Body) != string(b.Body) {
			t.Errorf("row %d differs:\n%s\n%s", i, a.Body, b.Body)
		}
		if n := len(w.Mail.To(a.Get("email"))); n != 1 {
			t.Errorf("row %d was mailed %d times", i, n)
		}
	}
	again.Row(30).WantProblem(422, "validation_failed")
	if n := owner.Recorded("invitation.created"); n != 30 {
		t.Errorf("%d entries for 30 invitations", n)
	}
	slices.Reverse(rows)
	once(owner, "k", "/v1/invitations/bulk", body).WantProblem(422, "idempotency_mismatch")
}

// An accept, repeated by the holder of the link: the first answer without the session.
func TestIdempotency_accept(t *testing.T) {
	w := apitest.New(t)
	owner, guest := w.SignUp("Acme"), email("guest")
	owner.Invite(guest, "member")
	link := apitest.Map{"token": w.Mail.Token(guest), "name": "Ada"}
	first := once(w.Stranger(), "k", "/v1/invitations/accept", link).Want(200)
	wantReplay(t, first, once(w.Stranger(), "k", "/v1/invitations/accept", link), "session.token")
	once(w.Stranger(), "another", "/v1/invitations/accept", link).WantProblem(409, "invitation_accepted")
	w.Stranger().Do("POST", "/v1/invitations/accept", link).WantProblem(409, "invitation_accepted")
	link["name"] = "Eve"
	once(w.Stranger(), "k", "/v1/invitations/accept", link).WantProblem(422, "idempotency_mismatch")
	if n := len(owner.List("/v1/members")); n != 2 {
		t.Errorf("%d members", n)
	}
}

// A founding, repeated by the holder of the link: one org.
func TestIdempotency_signUp(t *testing.T) {
	w := apitest.New(t)
	founder := email("founder")
	w.Stranger().Do("POST", "/v1/signup", apitest.Map{"email": founder, "org_name": "Acme"}, "X-Remote-Addr", apitest.Source()).Want(202)
	link := apitest.Map{"token": w.Mail.Token(founder)}
	first := once(w.Stranger(), "k", "/v1/signup/confirm", link).Want(201)
	wantReplay(t, first, once(w.Stranger(), "k", "/v1/signup/confirm", link), "session.token")
	once(w.Stranger(), "another", "/v1/signup/confirm", link).WantProblem(410, "link_invalid")
	impostor(w, first.Get("session.token")).Do("GET", "/v1/me", nil).Want(200)
}

// Keys may be any text of up to 255 characters, also the beginning of another.
func TestIdempotency_keysOfAllForms(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	create := func(key string) *apitest.Reply { return once(owner, key, "/v1/teams", apitest.Map{"name": "Team"}) }
	first := map[string]*apitest.Reply{}
	keys := []string{"a#", "a#0", "a#1", "a##", "a", "#", "a%230", "a%", "%", " a b ", strings.Repeat("k", 255), strings.Repeat("𝄞", 255), "ключ", "{}"}
	for _, key := range keys {
		if first[key] = create(key).Want(201); replayed(first[key]) {
			t.Errorf("%q is taken for another key", key)
		}
	}
	for _, key := range keys {
		wantReplay(t, first[key], create(key), "")
	}
}

// The receipts of a call are read in one go, however many there are of keys that begin like
// its own.
func TestIdempotency_costsTheSameAmongKeysThatBeginAlike(t *testing.T) {
	w := apitest.Alone(t)
	owner := w.SignUp("Acme")
	rows := apitest.Map{"invitations": manyRows(100)}
	first := once(owner, "k", "/v1/invitations/bulk", rows).Want(200)
	for _, key := range []string{"k#", "k#0", "k1"} {
		once(owner, key, "/v1/invitations/bulk", apitest.Map{"invitations": manyRows(100)}).Want(200)
	}
	var again *apitest.Reply
	asked := 0
	for _, c := range w.Wire.Record(func() { again = once(owner, "k", "/v1/invitations/bulk", rows).Want(200) }) {
		asked += bytes.Count(c.Body, []byte("ONCE#"))
	}
	if string(first.Body) != string(again.Body) {
		t.Errorf("it answers %s\nand then %s", first.Body, again.Body)
	}
	if n := owner.Recorded("invitation.created"); n != 400 || asked != 1 {
		t.Errorf("of 400 rows there are %d, and receipts were asked for %d times", n, asked)
	}
}

// Nor do receipts hide it that were left when keys were not yet kept apart, however many.
func TestIdempotency_receiptsOfOlderVersions(t *testing.T) {
	w := apitest.Alone(t)
	owner := w.SignUp("Acme")
	rows := apitest.Map{"invitations": manyRows(20)}
	first := once(owner, "k", "/v1/invitations/bulk", rows).Want(200)
	stored := w.Rows()
	receipt := stored[slices.IndexFunc(stored, func(r apitest.Row) bool { return r.Text("sk") == "k#0" })]
	w.Fill(func(add func(apitest.Item)) {
		for n := range 150 {
			add(apitest.Item{
				"pk": &types.AttributeValueMemberS{Value: receipt.Text("pk")},
				"sk": &types.AttributeValueMemberS{Value: fmt.Sprintf("k#1#%d", n)},
			})
		}
	})
	if again := once(owner, "k", "/v1/invitations/bulk", rows).Want(200); string(first.Body) != string(again.Body) {
		t.Errorf("it answers %s\nand then %s", first.Body, again.Body)
	}
}

// Of two requests at once under one key, the second is told that they differ, and invites nobody.
func TestIdempotency_twinsThatDiffer(t *testing.T) {
	w := apitest.New(t)
	owner, late := w.SignUp("Acme"), email("guest")
	invite := func(to string) *apitest.Reply {
		return once(owner, "k", "/v1/invitations", apitest.Map{"email": to, "role": "member"})
	}
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { invite(email("guest")).Want(201) }))
	invite(late).WantProblem(422, "idempotency_mismatch")
	mend()
	if n := len(w.Mail.To(late)); n != 0 || owner.Recorded("invitation.created") != 1 {
		t.Errorf("the second was mailed %d times", n)
	}
}

// The same of two who accept by one link: the second is told of the key, not of the link.
func TestIdempotency_acceptsThatDiffer(t *testing.T) {
	w := apitest.New(t)
	owner, guest := w.SignUp("Acme"), email("guest")
	owner.Invite(guest, "member")
	accept := func(name string) *apitest.Reply {
		return once(w.Stranger(), "k", "/v1/invitations/accept", apitest.Map{"token": w.Mail.Token(guest), "name": name})
	}
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { accept("Ada").Want(200) }))
	accept("Eve").WantProblem(422, "idempotency_mismatch")
	mend()
}

// A shorter request under the key of a bulk call is another request, even where the rows
// that it shares with the first had failed.
func TestIdempotency_shorterBulkIsAnother(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	rows := []apitest.Map{{"email": "not an address", "role": "member"}, {"email": apitest.Address("bob"), "role": "member"}}
	bulk := func(rows []apitest.Map) *apitest.Reply {
		return ada.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": rows}, "Idempotency-Key", "monday")
	}
	bulk(rows).Want(200)
	bulk(rows[:1]).WantProblem(422, "idempotency_mismatch")
	once(ada, "monday", "/v1/teams", apitest.Map{"name": "Research"}).WantProblem(422, "idempotency_mismatch")
	bulk(rows).Want(200)
}
