package auth

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// provider is an OpenID provider that logs the same person in each time.
type provider struct {
	*httptest.Server
	key        *rsa.PrivateKey
	email      string
	nonce      string
	challenge  string
	wrongNonce bool
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key, email: "mira@example.org"}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		p.nonce, p.challenge = q.Get("nonce"), q.Get("code_challenge")
		http.Redirect(w, r, q.Get("redirect_uri")+"?code=c0de&state="+url.QueryEscape(q.Get("state")), http.StatusFound)
	})
	mux.HandleFunc("/token", p.token)
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		b64 := base64.RawURLEncoding.EncodeToString
		json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "k",
			"n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if r.PostFormValue("code") != "c0de" || base64.RawURLEncoding.EncodeToString(sum[:]) != p.challenge {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	nonce := p.nonce
	if p.wrongNonce {
		nonce = "another"
	}
	b64 := base64.RawURLEncoding.EncodeToString
	head := b64([]byte(`{"alg":"RS256","kid":"k","typ":"JWT"}`))
	claims, _ := json.Marshal(map[string]any{"iss": p.URL, "aud": "watcher", "sub": "u-1", "email": p.email, "email_verified": true,
		"nonce": nonce, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()})
	digest := sha256.Sum256([]byte(head + "." + b64(claims)))
	sig, _ := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, digest[:])
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"access_token":"a","token_type":"Bearer","id_token":"%s.%s.%s"}`, head, b64(claims), b64(sig))
}

func TestOIDC(t *testing.T) {
	p := newProvider(t)
	// The site's own address is known only once it listens.
	var guarded http.Handler
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { guarded.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	inner, _ := site(t, Options{PublicURL: s.URL, Settings: Settings{Mode: OIDC, OIDC: OIDCSettings{Issuer: p.URL, ClientID: "watcher", ClientSecret: "s", Allow: []string{"@example.org"}}}})
	guarded = inner.Config.Handler

	c := browser(t)
	if _, body := get(t, c, s.URL+"/feeds"); body != "form oidc  next=/feeds" {
		t.Errorf("stranger sees %s", body)
	}
	if code, body := get(t, c, s.URL+"/login/oidc?next=/feeds"); code != 200 || body != "hello mira@example.org" {
		t.Errorf("login: %d %s", code, body)
	}

	p.email = "eve@elsewhere.example"
	if code, body := get(t, browser(t), s.URL+"/login/oidc"); code != 403 || !strings.Contains(body, "not among those") {
		t.Errorf("a stranger's address: %d %s", code, body)
	}
	p.email, p.wrongNonce = "mira@example.org", true
	if code, _ := get(t, browser(t), s.URL+"/login/oidc"); code != 403 {
		t.Errorf("a token of another login: %d", code)
	}
	if code, _ := get(t, browser(t), s.URL+"/login/callback?code=c0de&state=x"); code != 400 {
		t.Errorf("a callback out of nowhere: %d", code)
	}
}
