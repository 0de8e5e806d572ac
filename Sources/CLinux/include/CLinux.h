#ifndef CUSTOS_CLINUX_H
#define CUSTOS_CLINUX_H
// Kernel headers that Glibc's overlay lacks.
#include <linux/inet_diag.h>
#include <linux/magic.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <stdint.h>
#include <sys/fsuid.h>
#include <sys/timex.h>
#include <sys/vfs.h>

// Opens `path` for reading as if `root` were "/": symbolic links, absolute ones too, stay below it (openat2(2),
// RESOLVE_IN_ROOT). Where the kernel lacks the call, or a seccomp filter hides it, links in the last component are
// refused. Returns a descriptor, or a negative errno.
int custos_open_below(const char *root, const char *path);

// Whether `path` lies on a procfs, as opposed to a captured tree of plain files.
int custos_is_procfs(const char *path);

// What a filesystem says of itself; sizes in bytes, at most 2^64-1.
struct custos_filesystem {
    uint64_t size, free, available;
    uint64_t files, free_files;
    uint32_t major, minor;
    // Whether the path is where something is mounted; -1 where the kernel does not tell (before Linux 5.8).
    int is_mount;
};

// Looks at the filesystem mounted at `path` below `root`, as custos_open_below does. May block for as long as the
// filesystem's server is away. Returns 0 or an errno.
int custos_look_at_filesystem(const char *root, const char *path, struct custos_filesystem *facts);

// Writes a small new file into the folder `path` below `root`, makes the kernel store it, reads it back and removes it.
// One called `name` that is there already is replaced if `replaces` is set, else only if it holds just this text: otherwise
// EEXIST. May block as above. Returns 0 or an errno: EBADMSG where something else was read than written.
int custos_try_writing(const char *root, const char *path, const char *name, int replaces);

// What the kernel says of its clock (adjtimex(2)); times in nanoseconds, `frequency` in parts per million times 65536.
struct custos_clock {
    int state, status;
    int64_t offset, frequency, maximum_error, estimated_error;
};

// Reads the kernel's clock without changing anything. Returns 0 or an errno.
int custos_read_clock(struct custos_clock *clock);

// Gives the heap's free pages back to the kernel.
void custos_return_memory(void);
#endif
