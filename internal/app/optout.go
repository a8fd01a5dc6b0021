package app

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"watcher/internal/store"
	"watcher/internal/web"
	"watcher/notify"
)

// optOuts lets who is told by mail leave with one click. The link in a mail
// carries the receiver and the address, signed with a key that only the store
// holds; whoever has the mail may leave, and nobody can make up a link.
type optOuts struct {
	s      store.Store
	public func() string
	now    func() time.Time
}

var _ web.OptOuts = optOuts{}

const optOutKey = "unsubscribe-key"

// key is made at its first use and kept: links in old mails go on working.
func (o optOuts) key(ctx context.Context) (key []byte, err error) {
	err = o.s.View(ctx, func(r store.Reader) error {
		key, err = r.Get(ctx, optOutKey)
		return err
	})
	if err != nil || len(key) > 0 {
		return key, err
	}
	err = o.s.Update(ctx, func(tx store.Tx) error {
		if err := tx.LockGrouping(ctx); err != nil { // replicas make it one at a time
			return err
		}
		if key, err = tx.Get(ctx, optOutKey); err != nil || len(key) > 0 {
			return err
		}
		key = make([]byte, 32)
		rand.Read(key) // never fails
		return tx.Set(ctx, optOutKey, key)
	})
	return key, err
}

// link is where an address leaves a receiver; empty without a public URL.
func (o optOuts) link(ctx context.Context, receiver, address string) (string, error) {
	base := o.public()
	if base == "" {
		return "", nil
	}
	key, err := o.key(ctx)
	if err != nil {
		return "", err
	}
	who := receiver + "\n" + address
	return strings.TrimRight(base, "/") + "/unsubscribe/" + base64.RawURLEncoding.EncodeToString([]byte(who)) + "." + base64.RawURLEncoding.EncodeToString(sign(key, who)), nil
}

func sign(key []byte, who string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("unsubscribe\n" + who))
	return h.Sum(nil)
}

// Who implements web.OptOuts.
func (o optOuts) Who(ctx context.Context, token string) (receiver, address string, err error) {
	body, mac, _ := strings.Cut(token, ".")
	who, err1 := base64.RawURLEncoding.DecodeString(body)
	sum, err2 := base64.RawURLEncoding.DecodeString(mac)
	if err1 != nil || err2 != nil {
		return "", "", store.ErrNotFound
	}
	key, err := o.key(ctx)
	if err != nil {
		return "", "", err
	}
	receiver, address, ok := strings.Cut(string(who), "\n")
	if !ok || !hmac.Equal(sum, sign(key, string(who))) {
		return "", "", store.ErrNotFound
	}
	return receiver, address, nil
}

// Leave implements web.OptOuts.
func (o optOuts) Leave(ctx context.Context, token string) error {
	receiver, address, err := o.Who(ctx, token)
	if err != nil {
		return err
	}
	return outbox{s: o.s}.ChangeReceiver(ctx, receiver, func(r *notify.ReceiverState) { r.OptOut(address, o.now().UTC()) })
}

// left lists the addresses that left a receiver.
func (o optOuts) left(ctx context.Context, receiver string) (addresses []string, err error) {
	err = o.s.View(ctx, func(r store.Reader) error {
		all, err := r.Receivers(ctx)
		for _, st := range all {
			if st.ID == receiver {
				for _, a := range st.OptedOut {
					addresses = append(addresses, a.Address)
				}
			}
		}
		return err
	})
	return addresses, err
}

// TakeBack has a receiver's mails go to an address again that had left.
// store.ErrNotFound when it had not.
func TakeBack(ctx context.Context, s store.Store, receiver, address string) error {
	back := false
	err := outbox{s: s}.ChangeReceiver(ctx, receiver, func(r *notify.ReceiverState) { back = r.OptIn(address) })
	if err == nil && !back {
		err = store.ErrNotFound
	}
	return err
}
