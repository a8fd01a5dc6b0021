package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a hash: 64 MiB and three passes, as RFC 9106 recommends where
// memory is short.
const (
	argonTime    = 3
	argonMemory  = 64 * 1024
	argonThreads = 2
	argonKey     = 32
)

type hash struct {
	time, memory uint32
	threads      uint8
	salt, key    []byte
}

// Hash makes the text that password_hash_file holds.
func Hash(password string) (string, error) {
	if len(password) < 8 {
		return "", errors.New("a password has at least 8 characters")
	}
	if len(password) > 1024 {
		return "", errors.New("a password has at most 1024 characters")
	}
	salt := make([]byte, 16)
	rand.Read(salt) // never fails
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// Verify tells whether a password is the one that was hashed.
func Verify(hashed, password string) bool {
	h, err := parseHash(hashed)
	if err != nil || len(password) > 1024 {
		return false
	}
	got := argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(got, h.key) == 1
}

var errHash = errors.New("this is no argon2id hash ($argon2id$v=19$m=65536,t=3,p=2$…)")

func parseHash(s string) (hash, error) {
	parts := strings.Split(strings.TrimSpace(s), "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return hash{}, errHash
	}
	var h hash
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return hash{}, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil {
		return hash{}, errHash
	}
	// A hash from elsewhere must not be able to stop the machine.
	if h.memory > 1<<20 || h.time < 1 || h.time > 20 || h.threads < 1 {
		return hash{}, errors.New("this argon2id hash asks for more than 1 GiB or 20 passes")
	}
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	h.key, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(h.salt) < 8 || len(h.key) < 16 || len(h.key) > 128 {
		return hash{}, errHash
	}
	return h, nil
}
