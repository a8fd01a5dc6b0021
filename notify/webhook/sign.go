package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"watcher/notify"
)

// signer gives one signature of Standard Webhooks: "v1,…" or "v1a,…".
type signer func(text []byte) string

func newSigner(s notify.Secret) (signer, error) {
	text := s.Reveal()
	if key, ok := strings.CutPrefix(text, "whsk_"); ok {
		return ed25519Signer(key)
	}
	key, err := decode(strings.TrimPrefix(text, "whsec_"))
	if err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New("a webhook secret is whsec_ and the base64 of 24 to 64 bytes; make one with: echo whsec_$(openssl rand -base64 32)")
	}
	return func(text []byte) string {
		mac := hmac.New(sha256.New, key)
		mac.Write(text)
		return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}, nil
}

// ed25519Signer takes a seed of 32 bytes or a private key of 64.
func ed25519Signer(text string) (signer, error) {
	key, err := decode(text)
	var private ed25519.PrivateKey
	switch {
	case err == nil && len(key) == ed25519.SeedSize:
		private = ed25519.NewKeyFromSeed(key)
	case err == nil && len(key) == ed25519.PrivateKeySize:
		private = ed25519.PrivateKey(key)
	default:
		return nil, errors.New("an Ed25519 webhook key is whsk_ and the base64 of its 32-byte seed or 64-byte private key")
	}
	return func(text []byte) string {
		return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(private, text))
	}, nil
}

func decode(s string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
}

// sign gives the webhook-signature header: every secret signs id.timestamp.body.
func sign(signers []signer, id string, at time.Time, body []byte) string {
	text := append([]byte(id+"."+strconv.FormatInt(at.Unix(), 10)+"."), body...)
	sigs := make([]string, len(signers))
	for i, s := range signers {
		sigs[i] = s(text)
	}
	return strings.Join(sigs, " ")
}
