#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <sys/syscall.h>
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

// glibc gives each thread a heap of its own, which for a few mostly idle threads is memory without use. Before the first
// other thread, so before main.
__attribute__((constructor)) static void share_one_heap(void) { mallopt(M_ARENA_MAX, 1); }

void custos_return_memory(void) { malloc_trim(0); }
