#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// A FIFO must not hang the reader, a terminal must not become ours.
#define READING (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

int custos_open_below(const char *root, const char *path) {
    int base = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (base < 0) return -errno;
    struct open_how how = {.flags = READING, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int file = (int)syscall(SYS_openat2, base, path, &how, sizeof how);
    if (file < 0 && (errno == ENOSYS || errno == EPERM)) {
        file = openat(base, path, READING | O_NOFOLLOW);
    }
    int error = file < 0 ? -errno : file;
    close(base);
    return error;
}

int custos_is_procfs(const char *path) {
    struct statfs facts;
    return statfs(path, &facts) == 0 && facts.f_type == PROC_SUPER_MAGIC;
}

// glibc gives each thread a heap of its own, which for a few mostly idle threads is memory without use; and after the first
// large block that is freed it takes such blocks from the heap, where they stay. With a threshold that is set, the default's
// (mallopt(3)), they go back to the kernel at once. Before the first other thread, so before main.
__attribute__((constructor)) static void keep_little_memory(void) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

void custos_return_memory(void) { malloc_trim(0); }

static uint64_t bytes(uint64_t blocks, uint64_t size) {
    uint64_t product;
    return __builtin_mul_overflow(blocks, size, &product) ? UINT64_MAX : product;
}

// Only a handle: nothing is read, no automount is triggered, and reading need not be allowed. Or a negative errno.
static int handle_below(const char *root, const char *path) {
    int base = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (base < 0) return -errno;
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int place = (int)syscall(SYS_openat2, base, path, &how, sizeof how);
    if (place < 0 && (errno == ENOSYS || errno == EPERM)) place = openat(base, path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
    int result = place < 0 ? -errno : place;
    close(base);
    return result;
}

// Before Linux 3.12 a mere handle does not say how full its filesystem is: then the folder itself is opened.
static int use_of(int place, struct statfs *use) {
    if (fstatfs(place, use) == 0) return 0;
    if (errno != EBADF) return errno;
    int folder = openat(place, ".", READING | O_DIRECTORY);
    if (folder < 0) return errno;
    int error = fstatfs(folder, use) ? errno : 0;
    close(folder);
    return error;
}

int custos_look_at_filesystem(const char *root, const char *path, struct custos_filesystem *facts) {
    int place = handle_below(root, path);
    if (place < 0) return -place;
    struct statx status;
    struct statfs use;
    int error = statx(place, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, 0, &status) ? errno : 0;
    if (!error) error = use_of(place, &use);
    if (!error) {
        uint64_t size = use.f_frsize > 0 ? (uint64_t)use.f_frsize : (uint64_t)use.f_bsize;
        facts->size = bytes(use.f_blocks, size);
        facts->free = bytes(use.f_bfree, size);
        facts->available = bytes(use.f_bavail, size);
        facts->files = use.f_files;
        facts->free_files = use.f_ffree;
        facts->major = status.stx_dev_major;
        facts->minor = status.stx_dev_minor;
        facts->is_mount = status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT
                              ? (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0
                              : -1;
    }
    close(place);
    return error;
}

static int holds(int folder, const char *name, const char *text, size_t size) {
    char found[256];
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, found, sizeof found);
    close(file);
    return count > 0 && (size_t)count <= size && !memcmp(found, text, (size_t)count);
}

int custos_try_writing(const char *root, const char *path, const char *name, int replaces) {
    static const char text[] = "Custos was here: may be removed.\n";
    char read_back[sizeof text] = "";
    int folder = handle_below(root, path);
    if (folder < 0) return -folder;
    // Never through a file or link that somebody else put there.
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int file = openat(folder, name, flags, 0600);
    int error = file < 0 ? errno : 0;
    if (error == EEXIST && (replaces || holds(folder, name, text, sizeof text))) {
        file = unlinkat(folder, name, 0) == 0 ? openat(folder, name, flags, 0600) : -1;
        error = file < 0 ? errno : 0;
    }
    if (file >= 0) {
        ssize_t written = write(file, text, sizeof text);
        if (written < 0 || fdatasync(file) < 0) error = errno;
        else if (written != sizeof text) error = ENOSPC;
        else if (pread(file, read_back, sizeof text, 0) != sizeof text || memcmp(text, read_back, sizeof text))
            error = EBADMSG;
        close(file);
        if (unlinkat(folder, name, 0) < 0 && !error) error = errno;
    }
    close(folder);
    return error;
}

int custos_read_clock(struct custos_clock *clock) {
    // No mode: nothing is set, which needs no capability. The C library would ask by clock_adjtime, which more seccomp
    // profiles refuse.
    struct timex facts = {.modes = 0};
    int state = (int)syscall(SYS_adjtimex, &facts);
    if (state < 0 && (errno == EPERM || errno == ENOSYS)) {
        state = (int)syscall(SYS_clock_adjtime, CLOCK_REALTIME, &facts);
    }
    if (state < 0) return errno;
    clock->state = state;
    clock->status = facts.status;
    clock->offset = facts.status & STA_NANO ? facts.offset : facts.offset * 1000;
    clock->frequency = facts.freq;
    clock->maximum_error = facts.maxerror * 1000;
    clock->estimated_error = facts.esterror * 1000;
    return 0;
}

