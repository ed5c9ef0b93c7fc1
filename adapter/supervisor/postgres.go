package supervisor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres is a PostgreSQL server that we run.
type Postgres struct {
	Bin  string // directory of the programs
	Data string // directory of the cluster
	Port int
	// PasswordFile has the superuser's password; only its owner can read it.
	PasswordFile string
	Settings     []string // name=value, added to the usual ones
}

// PostgresBin returns the directory of the server's programs. Debian does not put
// them on the PATH.
func PostgresBin() (string, error) {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(dirs) == 0 {
		return "", errors.New("PostgreSQL is not installed (/usr/lib/postgresql/*/bin); scripts/install.sh installs it")
	}
	return dirs[len(dirs)-1], nil
}

// Superuser is the name of the role that owns the cluster.
const Superuser = "onsale"

// owner returns the user to run as, nil for the present one. PostgreSQL refuses to
// run as root, so root runs it as postgres. That user owns the files but may not be
// allowed to enter the directory above them; the capability lets it.
func owner() (*syscall.Credential, []uintptr, error) {
	if os.Getuid() != 0 {
		return nil, nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	const dacOverride = 1 // CAP_DAC_OVERRIDE
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, []uintptr{dacOverride}, nil
}

// Init creates the cluster unless it exists.
func (p Postgres) Init() error {
	if _, err := os.Stat(filepath.Join(p.Data, "PG_VERSION")); err == nil {
		return nil
	}
	// An interrupted start leaves an unusable directory behind.
	if err := errors.Join(os.RemoveAll(p.Data), os.MkdirAll(p.Data, 0o700)); err != nil {
		return err
	}
	if err := writeSecret(p.PasswordFile, rand.Text()); err != nil {
		return err
	}
	credential, caps, err := owner()
	if err != nil {
		return err
	}
	making := p.Data + ".new" // renamed when complete, so that a cluster is never half made
	if err := errors.Join(os.RemoveAll(making), os.MkdirAll(making, 0o700)); err != nil {
		return err
	}
	if credential != nil {
		if err := os.Chown(making, int(credential.Uid), int(credential.Gid)); err != nil {
			return err
		}
	}
	cmd := exec.Command(filepath.Join(p.Bin, "initdb"), "-D", making, "-U", Superuser, "-A", "scram-sha-256", "--pwfile", p.PasswordFile,
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	cmd.Dir = "/" // the capability does not apply before the program runs
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential, AmbientCaps: caps, Pdeathsig: syscall.SIGKILL}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return errors.Join(os.Remove(p.Data), os.Rename(making, p.Data))
}

// Program returns the program that runs the server on 127.0.0.1.
func (p Postgres) Program(log string) (Program, error) {
	credential, caps, err := owner()
	if err != nil {
		return Program{}, err
	}
	args := []string{"-D", p.Data, "-p", strconv.Itoa(p.Port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "max_connections=200"}
	for _, s := range p.Settings {
		args = append(args, "-c", s)
	}
	return Program{Name: PostgresProcess, Path: filepath.Join(p.Bin, "postgres"), Args: args, Dir: "/", Log: log,
		Stop: syscall.SIGINT, Orphaned: syscall.SIGINT, Credential: credential, Caps: caps}, nil // SIGINT: fast shutdown
}

// URL returns the superuser's URL of a database.
func (p Postgres) URL(database string) (string, error) {
	password, err := os.ReadFile(p.PasswordFile)
	if err != nil {
		return "", err
	}
	return p.urlFor(Superuser, string(password), database, ""), nil
}

func (p Postgres) urlFor(role, password, database, schema string) string {
	q := url.Values{"sslmode": {"disable"}}
	if schema != "" {
		q.Set("search_path", schema)
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, password), Host: "127.0.0.1:" + strconv.Itoa(p.Port), Path: "/" + database, RawQuery: q.Encode()}
	return u.String()
}

// Await blocks until the server accepts connections.
func (p Postgres) Await(ctx context.Context) error {
	admin, err := p.URL("postgres")
	if err != nil {
		return err
	}
	return await(ctx, func(ctx context.Context) error {
		c, err := pgx.Connect(ctx, admin)
		if err != nil {
			return err
		}
		return c.Close(ctx)
	})
}

// Schema creates a role and a schema of the same name in a database, unless they
// exist, and returns the role's URL. Each call sets a new password.
func (p Postgres) Schema(ctx context.Context, database, name string) (string, error) {
	admin, err := p.URL("postgres")
	if err != nil {
		return "", err
	}
	err = execute(ctx, admin, create{"SELECT FROM pg_database WHERE datname = $1", database, "CREATE DATABASE " + database})
	if err != nil {
		return "", err
	}
	if admin, err = p.URL(database); err != nil {
		return "", err
	}
	password := rand.Text()
	err = execute(ctx, admin, create{"SELECT FROM pg_roles WHERE rolname = $1", name, "CREATE ROLE " + name + " LOGIN"},
		create{then: fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'; CREATE SCHEMA IF NOT EXISTS %s AUTHORIZATION %s; REVOKE ALL ON SCHEMA public FROM PUBLIC",
			name, password, name, name)})
	return p.urlFor(name, password, database, name), err
}

// create is a statement to run unless a query finds a row.
type create struct{ unless, named, then string }

func execute(ctx context.Context, url string, statements ...create) error {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	for _, s := range statements {
		if s.unless != "" {
			tag, err := c.Exec(ctx, s.unless, s.named)
			if err != nil {
				return err
			}
			if tag.RowsAffected() > 0 {
				continue
			}
		}
		if _, err := c.Exec(ctx, s.then); err != nil {
			return err
		}
	}
	return nil
}

// await calls ask every few milliseconds until it returns nil. When ctx is done, it
// returns the last error of ask.
func await(ctx context.Context, ask func(context.Context) error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		once, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := ask(once)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}
