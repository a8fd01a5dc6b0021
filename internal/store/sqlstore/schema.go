package sqlstore

import (
	"fmt"
	"io/fs"

	"watcher/internal/store"
)

// Schema is the version that a database's schema has, 0 in an empty one, and
// the newest that this program knows.
type Schema struct{ Have, Want int64 }

// Newest counts migrations: 0001 and on without a gap, in the folder
// "migrations".
func Newest(migrations fs.FS) (int64, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	return int64(len(names)), err
}

// Known refuses the schema of a newer program.
func (s Schema) Known() error {
	if s.Have <= s.Want {
		return nil
	}
	return fmt.Errorf("%w: its schema is version %d, this program knows %d; nothing was changed; run the newer watcher again, or restore a backup of before the upgrade", store.ErrNewer, s.Have, s.Want)
}

// Current refuses a schema that a reader cannot read as it is.
func (s Schema) Current() error {
	if s.Have < s.Want {
		return fmt.Errorf("its schema is version %d and this program reads %d: start `watcher run` once to bring it up to date", s.Have, s.Want)
	}
	return s.Known()
}

// Raised says that a migration failed.
func (s Schema) Raised(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("bring the schema from version %d to %d: %w", s.Have, s.Want, err)
}
