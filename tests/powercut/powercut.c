/* A disk that can lose its power, for one database, by LD_PRELOAD.
 *
 * Every write to a watched file (callbox.db and its log) is noted, with what
 * it overwrote, in $POWERCUT_NOTES/db or .../wal before it is done; a sync
 * forgets the notes of its file. After the process was killed, the notes are
 * the writes that a power cut may drop or tear: the test does that.
 *
 * Files in $POWERCUT_NOTES change how the disk behaves: `lie` makes syncs of
 * the log succeed without forgetting, `full` makes writes fail with ENOSPC,
 * `broken` makes syncs fail with EIO.
 *
 * A note: kind, offset, size of the file before, bytes old, bytes new (five
 * 64-bit numbers), then the old and the new bytes. Kind 1 is a truncation. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(result, name, ...)                                                                    \
    static result (*real)(__VA_ARGS__);                                                            \
    if (!real) real = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static ssize_t real_pwrite(int fd, const void *data, size_t size, off_t offset) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    return real(fd, data, size, offset);
}

static void fail(const char *what) {
    perror(what);
    _exit(70);
}

/* The name of the notes of a file, or NULL when it is not watched. */
static const char *watched(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0 || !getenv("POWERCUT_NOTES")) return NULL;
    path[size] = 0;
    const char *name = strrchr(path, '/');
    if (name && !strcmp(name, "/callbox.db")) return "db";
    if (name && !strcmp(name, "/callbox.db-wal")) return "wal";
    return NULL;
}

static const char *in_notes(const char *name) {
    static __thread char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("POWERCUT_NOTES"), name);
    return path;
}

static int told_to(const char *what) { return access(in_notes(what), F_OK) == 0; }

static void note(const char *name, int fd, uint64_t kind, off_t offset, const void *data,
                 size_t size) {
    struct stat stat;
    if (fstat(fd, &stat)) fail("fstat");
    size_t span = !kind ? size : stat.st_size > offset ? (size_t)(stat.st_size - offset) : 0;
    char *old = malloc(span + 1);
    ssize_t kept = span ? pread(fd, old, span, offset) : 0;
    if (kept < 0) fail("pread");
    uint64_t head[5] = {kind, offset, stat.st_size, kept, size};
    struct iovec parts[3] = {{head, sizeof head}, {old, kept}, {(void *)data, size}};
    int notes = open(in_notes(name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ssize_t wanted = sizeof head + kept + size;
    if (notes < 0 || writev(notes, parts, 3) != wanted) fail("note");
    close(notes);
    free(old);
}

static ssize_t noted_write(const char *name, int fd, const void *data, size_t size, off_t offset) {
    if (told_to("full")) {
        errno = ENOSPC;
        return -1;
    }
    pthread_mutex_lock(&lock);
    note(name, fd, 0, offset, data, size);
    ssize_t written = real_pwrite(fd, data, size, offset);
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset) {
    const char *name = watched(fd);
    return name ? noted_write(name, fd, data, size, offset) : real_pwrite(fd, data, size, offset);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
    return pwrite64(fd, data, size, offset);
}

ssize_t write(int fd, const void *data, size_t size) {
    const char *name = watched(fd);
    if (name) {
        off_t offset = lseek(fd, 0, SEEK_CUR);
        ssize_t written = noted_write(name, fd, data, size, offset);
        if (written > 0) lseek(fd, offset + written, SEEK_SET);
        return written;
    }
    REAL(ssize_t, "write", int, const void *, size_t);
    return real(fd, data, size);
}

int ftruncate64(int fd, off_t size) {
    REAL(int, "ftruncate64", int, off_t);
    const char *name = watched(fd);
    if (!name) return real(fd, size);
    pthread_mutex_lock(&lock);
    note(name, fd, 1, size, NULL, 0);
    int done = real(fd, size);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(int fd) {
    const char *name = watched(fd);
    if (!name) return 0;
    if (told_to("broken")) {
        errno = EIO;
        return -1;
    }
    if (!strcmp(name, "wal") && told_to("lie")) return 0;
    /* The notes are the truth about this disk, so the real one is spared. */
    pthread_mutex_lock(&lock);
    if (truncate(in_notes(name), 0) && errno != ENOENT) fail("truncate");
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int fd) { return synced(fd); }

int fdatasync(int fd) { return synced(fd); }
