package gitrepo

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/adler32"
	"io"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// Signatures of git bundles, by object format.
const (
	bundleSHA1   = "# v2 git bundle\n"
	bundleSHA256 = "# v3 git bundle\n@object-format=sha256\n"
)

// WriteBundle writes a git bundle of everything that refs reach. Its bytes
// depend on refs and their objects alone: git's own packs differ with its
// version, its settings and the number of cores, so that this one has its
// objects whole, stored, and in the order of their ids.
func (r *Repo) WriteBundle(ctx context.Context, w io.Writer, refs []git.Ref) error {
	sorted := slices.SortedFunc(slices.Values(refs), func(a, b git.Ref) int { return strings.Compare(a.Name, b.Name) })
	head := bundleSHA1
	if r.format == sha256Format {
		head = bundleSHA256
	}
	args := []string{"rev-list", "--objects", "--no-object-names"}
	for _, ref := range sorted {
		if err := r.format.check("ref "+ref.Name, ref.OID); err != nil {
			return err
		}
		head += ref.OID + " " + ref.Name + "\n"
		args = append(args, ref.OID)
	}
	out, err := r.git(append(args, "--")...).run(ctx)
	if err != nil {
		return fmt.Errorf("listing what goes into a bundle: %w", err)
	}
	ids := strings.Fields(string(out))
	slices.Sort(ids)
	buffered := bufio.NewWriterSize(w, 1<<20)
	if _, err := buffered.WriteString(head + "\n"); err != nil {
		return err
	}
	if err := r.writeStored(ctx, buffered, slices.Compact(ids)); err != nil {
		return fmt.Errorf("writing a bundle: %w", err)
	}
	return buffered.Flush()
}

// writeStored writes a pack of whole objects that are not compressed.
func (r *Repo) writeStored(ctx context.Context, w io.Writer, ids []git.OID) error {
	sum := r.format.newHash()
	out := io.MultiWriter(w, sum)
	if _, err := out.Write(binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), uint32(len(ids)))); err != nil {
		return err
	}
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		o, err := r.objects.read(ctx, id)
		if err != nil {
			return err
		}
		kind, ok := packTypes[o.kind]
		if !ok {
			kind = packTag
		}
		if _, err := out.Write(stored(sizeBytes(kind, len(o.data)), o.data)); err != nil {
			return err
		}
	}
	_, err := w.Write(sum.Sum(nil))
	return err
}

// packTag is the type of a tag in a pack.
const packTag = 4

// storedBlock is how many bytes a stored block of zlib holds at most.
const storedBlock = 0xffff

// stored appends data to head as a zlib stream that compresses nothing.
func stored(head, data []byte) []byte {
	out := append(head, 0x78, 0x01)
	for rest := data; ; {
		n := min(len(rest), storedBlock)
		final := byte(0)
		if n == len(rest) {
			final = 1
		}
		out = append(out, final, byte(n), byte(n>>8), ^byte(n), ^byte(n>>8))
		out = append(out, rest[:n]...)
		if rest = rest[n:]; final == 1 {
			return binary.BigEndian.AppendUint32(out, adler32.Checksum(data))
		}
	}
}

// ReadBundle takes the objects of a bundle that WriteBundle wrote into the
// repository, and sets its refs, which must not exist. Nothing of another
// spelling is read: in a pack that compresses nothing and has no deltas, no
// small file can hide a large one.
func (r *Repo) ReadBundle(ctx context.Context, src io.ReaderAt, size int64) ([]git.Ref, error) {
	in := bufio.NewReader(io.NewSectionReader(src, 0, size))
	refs, n, err := r.bundleHead(in)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", git.ErrBundle, err)
	}
	if err := checkStored(in, r.format.newHash(), r.format.size); err != nil {
		return nil, fmt.Errorf("%w: %w", git.ErrBundle, err)
	}
	c := r.git("index-pack", "--stdin")
	c.stdin = io.NewSectionReader(src, n, size-n)
	if _, err := c.run(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", git.ErrBundle, err)
	}
	args := []string{"rev-list", "--objects", "--quiet"}
	var updates []git.RefUpdate
	for _, ref := range refs {
		args = append(args, ref.OID)
		updates = append(updates, git.RefUpdate{Name: ref.Name, New: ref.OID})
	}
	if _, err := r.git(append(args, "--")...).run(ctx); err != nil {
		return nil, fmt.Errorf("%w: it lacks what its own history names: %w", git.ErrBundle, err)
	}
	return refs, r.UpdateRefs(ctx, "bundle", updates)
}

// BundleFormat is the object format of the repository that a bundle is of.
func BundleFormat(src io.ReaderAt) string {
	head := make([]byte, len(bundleSHA256))
	if n, _ := src.ReadAt(head, 0); string(head[:n]) == bundleSHA256 {
		return sha256Format.name
	}
	return sha1Format.name
}

// bundleHead reads the refs of a bundle, and how many bytes they took.
func (r *Repo) bundleHead(in *bufio.Reader) (refs []git.Ref, n int64, err error) {
	want := bundleSHA1
	if r.format == sha256Format {
		want = bundleSHA256
	}
	begin := make([]byte, len(want))
	if _, err := io.ReadFull(in, begin); err != nil || string(begin) != want {
		return nil, 0, errors.New("it is no bundle of such a repository")
	}
	n = int64(len(want))
	for {
		line, err := in.ReadSlice('\n') // of the buffer's size at most
		if err != nil {
			return nil, 0, errors.New("it ends, or a line is too long, before its pack")
		}
		n += int64(len(line))
		if len(line) == 1 {
			break
		}
		id, name, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		if !ok || !r.format.valid(id) || !strings.HasPrefix(name, "refs/heads/") {
			return nil, 0, fmt.Errorf("%q is no branch", line)
		}
		refs = append(refs, git.Ref{Name: name, OID: id})
	}
	if len(refs) == 0 {
		return nil, 0, errors.New("it has no branch")
	}
	return refs, n, nil
}

var errStored = errors.New("its pack is not written the way gitsm writes it, or it is damaged")

// checkStored reads a pack to its end, and refuses everything that writeStored
// does not write.
func checkStored(in *bufio.Reader, sum hash.Hash, sumSize int) error {
	body := io.TeeReader(in, sum)
	head := make([]byte, packHeaderSize)
	if _, err := io.ReadFull(body, head); err != nil || string(head[:8]) != "PACK\x00\x00\x00\x02" {
		return errStored
	}
	for range binary.BigEndian.Uint32(head[8:]) {
		if err := checkObject(body); err != nil {
			return err
		}
	}
	end := make([]byte, sumSize)
	if _, err := io.ReadFull(in, end); err != nil || string(end) != string(sum.Sum(nil)) {
		return errStored
	}
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
		return errStored
	}
	return nil
}

func checkObject(body io.Reader) error {
	size, err := objectSize(body)
	if err != nil {
		return err
	}
	var head [5]byte
	if _, err := io.ReadFull(body, head[:2]); err != nil || head[0] != 0x78 || head[1] != 0x01 {
		return errStored
	}
	sum := adler32.New()
	for final := false; !final; {
		if _, err := io.ReadFull(body, head[:]); err != nil || head[0] > 1 || head[1] != ^head[3] || head[2] != ^head[4] {
			return errStored
		}
		n := int64(head[1]) | int64(head[2])<<8
		final, size = head[0] == 1, size-n
		if !final && n != storedBlock {
			return errStored
		}
		if _, err := io.CopyN(sum, body, n); err != nil {
			return errStored
		}
	}
	if _, err := io.ReadFull(body, head[:4]); err != nil || size != 0 || binary.BigEndian.Uint32(head[:4]) != sum.Sum32() {
		return errStored
	}
	return nil
}

// objectSize reads the header of an object that is no delta.
func objectSize(body io.Reader) (int64, error) {
	var b [1]byte
	size, shift := int64(0), 4
	for first := true; ; first = false {
		if _, err := io.ReadFull(body, b[:]); err != nil || shift > 53 {
			return 0, errStored
		}
		if first {
			if kind := b[0] >> 4 & 7; kind < 1 || kind > packTag {
				return 0, errStored
			}
			size = int64(b[0] & 0x0f)
		} else {
			size |= int64(b[0]&0x7f) << shift
			shift += 7
		}
		if b[0]&0x80 == 0 {
			return size, nil
		}
	}
}
