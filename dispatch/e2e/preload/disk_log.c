/* Writes down, in order, all that one process does to files below the folders named by DISK_ROOTS (separated by colons)
 * that a disk would have to keep: what it writes, cuts, names, renames and removes, and every flush with its beginning and its
 * end. The log is the file named by DISK_LOG. What is done and its record are one step under the lock of that file
 * (flock): whoever holds the lock finds the two in agreement. A flush is waited for without it.
 *
 * Files that end in -shm are shared memory that SQLite makes anew, and are left out. Anything else that is mapped to be
 * written is put down as such: it cannot be followed. sync_file_range is not put down, for it promises nothing.
 *
 * A record: its length, its kind (u32 each), four numbers (u64), then a path or bytes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { CREATED = 1, FOLDER, LINKED, RENAMED, UNLINKED, FOLDER_REMOVED, WRITTEN, CUT, FLUSH_BEGINS, FLUSH_ENDS, MAPPED };

#define REAL(name) ({ static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); real; })

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int disk_log = -1;
static char roots[2 * PATH_MAX];
static uint64_t flushes;

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("DISK_LOG"), *below = getenv("DISK_ROOTS");
    if (!name || !below || strlen(below) >= sizeof roots)
        return;
    strcpy(roots, below);
    disk_log = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    /* Numbers of flushes go on over processes. */
    flushes = (uint64_t)getpid() << 32;
}

static void hold(void)
{
    pthread_mutex_lock(&mutex);
    while (flock(disk_log, LOCK_EX) != 0 && errno == EINTR)
        ;
}

static void release(void)
{
    int kept = errno;
    flock(disk_log, LOCK_UN);
    pthread_mutex_unlock(&mutex);
    errno = kept;
}

/* Called while the lock is held. */
static void put(enum kind kind, uint64_t a, uint64_t b, uint64_t c, uint64_t d, const struct iovec *rest, int parts)
{
    struct { uint32_t length, kind; uint64_t numbers[4]; } head = { sizeof head, kind, { a, b, c, d } };
    struct iovec all[IOV_MAX];
    int kept = errno;
    all[0] = (struct iovec){ &head, sizeof head };
    for (int i = 0; i < parts && i + 1 < IOV_MAX; i++) {
        all[i + 1] = rest[i];
        head.length += (uint32_t)rest[i].iov_len;
    }
    if (syscall(SYS_writev, disk_log, all, parts + 1) != (long)head.length)
        abort();
    errno = kept;
}

static void put_name(enum kind kind, uint64_t a, uint64_t b, const char *name)
{
    struct iovec rest = { (void *)name, strlen(name) };
    put(kind, a, b, 0, 0, &rest, 1);
}

static int ends(const char *path, const char *with)
{
    size_t length = strlen(path), tail = strlen(with);
    return length >= tail && strcmp(path + length - tail, with) == 0;
}

static int is_below(const char *path)
{
    if (disk_log < 0 || ends(path, "-shm"))
        return 0;
    for (const char *root = roots; *root;) {
        size_t length = strcspn(root, ":");
        if (strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0))
            return 1;
        root += length + (root[length] == ':');
    }
    return 0;
}

static int path_of(int fd, char path[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (ends(path, " (deleted)"))
        path[length - 10] = 0;
    return 1;
}

/* Whether a file or folder that is open lies below; its path and what it is. */
static int is_ours(int fd, char path[PATH_MAX], struct stat *is)
{
    int kept = errno;
    int ours = disk_log >= 0 && fstat(fd, is) == 0 && (S_ISREG(is->st_mode) || S_ISDIR(is->st_mode)) &&
               path_of(fd, path) && is_below(path);
    errno = kept;
    return ours;
}

/* The path that is meant; whether it lies below. */
static int is_meant(int folder, const char *path, char whole[PATH_MAX])
{
    char at[PATH_MAX] = "";
    if (disk_log < 0 || !path)
        return 0;
    if (path[0] != '/') {
        int known = folder == AT_FDCWD ? getcwd(at, sizeof at) != NULL : path_of(folder, at);
        if (!known)
            return 0;
    }
    int length = path[0] == '/' ? snprintf(whole, PATH_MAX, "%s", path) : snprintf(whole, PATH_MAX, "%s/%s", at, path);
    return length > 0 && length < PATH_MAX && is_below(whole);
}

static int opened(int folder, const char *path, int flags, mode_t mode)
{
    char whole[PATH_MAX];
    struct stat is;
    if (!(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE || !is_meant(folder, path, whole))
        return REAL(openat64)(folder, path, flags, mode);
    hold();
    int was_there = faccessat(AT_FDCWD, whole, F_OK, 0) == 0;
    int fd = REAL(openat64)(folder, path, flags, mode);
    if (fd >= 0 && fstat(fd, &is) == 0 && S_ISREG(is.st_mode)) {
        if (!was_there)
            put_name(CREATED, is.st_ino, 0, whole);
        else if (flags & O_TRUNC)
            put(CUT, is.st_ino, 0, 0, 0, NULL, 0);
    }
    release();
    return fd;
}

static mode_t mode_of(int flags, va_list more)
{
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0;
}

#define OPENED(folder) ({ va_list more; va_start(more, flags); mode_t mode = mode_of(flags, more); va_end(more); \
                          opened(folder, path, flags, mode); })

int open(const char *path, int flags, ...) { return OPENED(AT_FDCWD); }
int open64(const char *path, int flags, ...) { return OPENED(AT_FDCWD); }
int openat(int folder, const char *path, int flags, ...) { return OPENED(folder); }
int openat64(int folder, const char *path, int flags, ...) { return OPENED(folder); }

static int flushed(int fd, int (*how)(int))
{
    char path[PATH_MAX];
    struct stat is;
    if (!is_ours(fd, path, &is))
        return how(fd);
    hold();
    uint64_t flush = ++flushes;
    put_name(FLUSH_BEGINS, flush, S_ISDIR(is.st_mode) ? 0 : is.st_ino, path);
    release();
    int done = how(fd);
    if (done == 0) {
        hold();
        put(FLUSH_ENDS, flush, 0, 0, 0, NULL, 0);
        release();
    }
    return done;
}

int fsync(int fd) { return flushed(fd, REAL(fsync)); }
int fdatasync(int fd) { return flushed(fd, REAL(fdatasync)); }

/* What was written from `parts` on, of which `done` bytes were taken; called while the lock is held. */
static void put_bytes(uint64_t file, off_t at, const struct iovec *parts, int count, ssize_t done)
{
    struct iovec taken[IOV_MAX];
    int used = 0;
    for (size_t left = (size_t)done; used < count && used + 1 < IOV_MAX && left > 0; used++) {
        size_t length = parts[used].iov_len < left ? parts[used].iov_len : left;
        taken[used] = (struct iovec){ parts[used].iov_base, length };
        left -= length;
    }
    put(WRITTEN, file, (uint64_t)at, 0, 0, taken, used);
}

/* Writes at the file's own place, or at `at` where that is not negative. */
static ssize_t written(int fd, const struct iovec *parts, int count, off_t at)
{
    char path[PATH_MAX];
    struct stat is;
    int ours = is_ours(fd, path, &is) && S_ISREG(is.st_mode);
    if (ours)
        hold();
    ssize_t done = at < 0 ? (count == 1 ? REAL(write)(fd, parts->iov_base, parts->iov_len) : REAL(writev)(fd, parts, count))
                          : REAL(pwrite64)(fd, parts->iov_base, parts->iov_len, at);
    if (!ours)
        return done;
    if (done > 0) {
        int kept = errno, is_synced = fcntl(fd, F_GETFL) & O_DSYNC;
        put_bytes(is.st_ino, at < 0 ? lseek(fd, 0, SEEK_CUR) - done : at, parts, count, done);
        if (is_synced) {
            put_name(FLUSH_BEGINS, ++flushes, is.st_ino, path);
            put(FLUSH_ENDS, flushes, 0, 0, 0, NULL, 0);
        }
        errno = kept;
    }
    release();
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length) { return written(fd, &(struct iovec){ (void *)bytes, length }, 1, -1); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return written(fd, parts, count, -1); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return written(fd, &(struct iovec){ (void *)bytes, length }, 1, at); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return pwrite64(fd, bytes, length, at); }

int ftruncate64(int fd, off64_t length)
{
    char path[PATH_MAX];
    struct stat is;
    if (!is_ours(fd, path, &is))
        return REAL(ftruncate64)(fd, length);
    hold();
    int done = REAL(ftruncate64)(fd, length);
    if (done == 0)
        put(CUT, is.st_ino, (uint64_t)length, 0, 0, NULL, 0);
    release();
    return done;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int mkdir(const char *path, mode_t mode)
{
    char whole[PATH_MAX];
    if (!is_meant(AT_FDCWD, path, whole))
        return REAL(mkdir)(path, mode);
    hold();
    int done = REAL(mkdir)(path, mode);
    if (done == 0)
        put_name(FOLDER, 0, 0, whole);
    release();
    return done;
}

int unlinkat(int folder, const char *path, int flags)
{
    char whole[PATH_MAX];
    if (!is_meant(folder, path, whole))
        return REAL(unlinkat)(folder, path, flags);
    hold();
    int done = REAL(unlinkat)(folder, path, flags);
    if (done == 0)
        put_name(flags & AT_REMOVEDIR ? FOLDER_REMOVED : UNLINKED, 0, 0, whole);
    release();
    return done;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

/* Two paths, parted by a line feed. */
static void put_two(enum kind kind, uint64_t a, const char *from, const char *to)
{
    struct iovec both[] = { { (void *)from, strlen(from) }, { "\n", 1 }, { (void *)to, strlen(to) } };
    put(kind, a, 0, 0, 0, both, 3);
}

int rename(const char *from, const char *to)
{
    char whole_from[PATH_MAX], whole_to[PATH_MAX];
    if (!is_meant(AT_FDCWD, from, whole_from) || !is_meant(AT_FDCWD, to, whole_to))
        return REAL(rename)(from, to);
    hold();
    int done = REAL(rename)(from, to);
    if (done == 0)
        put_two(RENAMED, 0, whole_from, whole_to);
    release();
    return done;
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    char whole_from[PATH_MAX], whole_to[PATH_MAX];
    if (!is_meant(from_folder, from, whole_from) || !is_meant(to_folder, to, whole_to))
        return REAL(linkat)(from_folder, from, to_folder, to, flags);
    hold();
    int done = REAL(linkat)(from_folder, from, to_folder, to, flags);
    if (done == 0)
        put_two(LINKED, 0, whole_from, whole_to);
    release();
    return done;
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t at)
{
    char path[PATH_MAX];
    struct stat is;
    if (fd >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE) && is_ours(fd, path, &is)) {
        hold();
        put_name(MAPPED, is.st_ino, 0, path);
        release();
    }
    return REAL(mmap64)(address, length, protection, flags, fd, at);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t at)
{
    return mmap64(address, length, protection, flags, fd, at);
}
