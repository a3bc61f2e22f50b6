/*
 * The native peer of the benchmark: the work that Sesame does, done by OpenSSL itself.
 * README.md in this folder says what each measurement means; each is one line of JSON.
 *
 *   cc -O2 -o native native.c -lssl -lcrypto
 *   ./native [--seconds N] [--only PART_OF_A_NAME]
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "measurements.h"
#include "native_tls.h"

#if OPENSSL_VERSION_NUMBER < 0x30500000L
#error "The benchmark compares with OpenSSL 3.5 or newer"
#endif

enum { IDLE_CONNECTIONS = 500, RECORD = 16384, AT_ONCE = 16 };

static const double WARM_UP = 0.2;

typedef struct State State;
typedef double (*Step)(State *state);
typedef double (*Method)(const Measurement *m, double seconds);

static Method method_of(const char *metric);
static double handshakes_per_second(const Measurement *m, double seconds);
static double servers_per_second(const Measurement *m, double seconds);
static double bytes_per_second(const Measurement *m, double seconds);
static double rate(double seconds, Step step, State *state);
static double bytes_per_connection(const Measurement *m, double seconds);
static double ms_since_start(const Measurement *m, double seconds);
static void name_of(const Measurement *m, char *name, size_t size);
static void report(const Measurement *m, double value);
static double now(clockid_t clock);

static const char *program;
static const char *started_at;

int main(int argc, char **argv)
{
    double seconds = 1;
    const char *only = "";
    char name[128];

    program = argv[0];
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seconds") == 0)
            seconds = atof(argv[i + 1]);
        else if (strcmp(argv[i], "--only") == 0)
            only = argv[i + 1];
        else if (strcmp(argv[i], "--started-at") == 0)
            started_at = argv[i + 1];
        else
            argc = 0;
    }
    if (argc % 2 == 0 || seconds <= 0) {
        fprintf(stderr, "Usage: %s [--seconds N] [--only PART_OF_A_NAME]\n", program);
        return 2;
    }
    for (size_t i = 0; i < sizeof(measurements) / sizeof(*measurements); i++) {
        const Measurement *m = &measurements[i];

        name_of(m, name, sizeof(name));
        if (strstr(name, only) != NULL)
            report(m, method_of(m->metric)(m, seconds));
    }
    return 0;
}

static Method method_of(const char *metric)
{
    if (strcmp(metric, "handshakes/s") == 0)
        return handshakes_per_second;
    if (strcmp(metric, "server's side/s") == 0)
        return servers_per_second;
    if (strcmp(metric, "bytes/s") == 0)
        return bytes_per_second;
    if (strcmp(metric, "ms from start") == 0)
        return ms_since_start;
    return bytes_per_connection;
}

struct State {
    Contexts contexts;
    Pair pair;
    SSL_SESSION *session;
    int resumed;
};

static double handshake(State *state)
{
    int expected = state->session != NULL;
    Pair pair = pair_connect(&state->contexts, state->session);

    must(SSL_session_reused(pair.client) == expected, "resume on the client's side");
    must(SSL_session_reused(pair.server) == expected, "resume on the server's side");
    SSL_SESSION_free(state->session);
    state->session = state->resumed ? SSL_get1_session(pair.client) : NULL;
    pair_close(&pair);
    return 1;
}

static double handshakes_per_second(const Measurement *m, double seconds)
{
    State state = { .contexts = contexts_new(m), .resumed = strcmp(m->mode, "resumed") == 0 };
    double value = rate(seconds, handshake, &state);

    SSL_SESSION_free(state.session);
    contexts_free(&state.contexts);
    return value;
}

/* The connections of a visit, each part of it so many at once: what the server's parts take is added up. */
static double visit(Contexts *contexts, SSL_SESSION **session)
{
    static Pair pairs[AT_ONCE];
    SSL_SESSION *newest;
    double cpu = 0, start;

    for (int i = 0; i < AT_ONCE; i++)
        pairs[i] = pair_begin(contexts, *session);
    start = now(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < AT_ONCE; i++)
        pair_serve(&pairs[i], contexts);
    cpu += now(CLOCK_PROCESS_CPUTIME_ID) - start;
    for (int i = 0; i < AT_ONCE; i++)
        must(SSL_do_handshake(pairs[i].client) == 1, "finish the client's handshake");
    start = now(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < AT_ONCE; i++) {
        must(SSL_do_handshake(pairs[i].server) == 1, "finish the server's handshake");
        must(SSL_session_reused(pairs[i].server), "resume");
        SSL_shutdown(pairs[i].server);
    }
    cpu += now(CLOCK_PROCESS_CPUTIME_ID) - start;
    for (int i = 0; i < AT_ONCE; i++)
        pair_answer_close(&pairs[i]);
    start = now(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < AT_ONCE; i++) {
        must(SSL_shutdown(pairs[i].server) == 1, "read the client's close_notify");
        SSL_free(pairs[i].server);
    }
    cpu += now(CLOCK_PROCESS_CPUTIME_ID) - start;
    /* Of the last one: the slot in the store of one before may be another's by now. */
    newest = SSL_get1_session(pairs[AT_ONCE - 1].client);
    SSL_SESSION_free(*session);
    *session = newest;
    for (int i = 0; i < AT_ONCE; i++)
        SSL_free(pairs[i].client);
    return cpu;
}

static double servers_per_second(const Measurement *m, double seconds)
{
    Contexts contexts = contexts_new(m);
    Pair first = pair_connect(&contexts, NULL);
    SSL_SESSION *session = SSL_get1_session(first.client);
    double count = 0, cpu = 0, start = now(CLOCK_MONOTONIC);

    pair_close(&first);
    while (now(CLOCK_MONOTONIC) - start < WARM_UP)
        visit(&contexts, &session);
    for (start = now(CLOCK_MONOTONIC); now(CLOCK_MONOTONIC) - start < seconds; count += AT_ONCE)
        cpu += visit(&contexts, &session);
    SSL_SESSION_free(session);
    contexts_free(&contexts);
    return count / cpu;
}

static double transfer(State *state)
{
    static unsigned char sent[RECORD], received[RECORD];

    must(SSL_write(state->pair.client, sent, RECORD) == RECORD, "write a record");
    must(SSL_read(state->pair.server, received, RECORD) == RECORD, "read a record");
    return RECORD;
}

static double bytes_per_second(const Measurement *m, double seconds)
{
    State state = { .contexts = contexts_new(m) };
    double value;

    state.pair = pair_connect(&state.contexts, NULL);
    value = rate(seconds, transfer, &state);
    pair_close(&state.pair);
    contexts_free(&state.contexts);
    return value;
}

/* What the counts of a step add up to in a second of processor time, after a start unmeasured. */
static double rate(double seconds, Step step, State *state)
{
    double count = 0, start = now(CLOCK_MONOTONIC), elapsed, cpu;

    while (now(CLOCK_MONOTONIC) - start < WARM_UP)
        step(state);
    start = now(CLOCK_MONOTONIC);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    for (elapsed = 0; elapsed < seconds; elapsed = now(CLOCK_MONOTONIC) - start)
        count += step(state);
    return count / (now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}

static double footprint(const char *metric)
{
    long total, resident = 0;
    FILE *statm;

    if (strcmp(metric, "malloc/connection") == 0) {
        struct mallinfo2 info = mallinfo2();
        return (double)info.uordblks + info.hblkhd;
    }
    statm = fopen("/proc/self/statm", "r");
    must(statm != NULL && fscanf(statm, "%ld %ld", &total, &resident) == 2, "read /proc/self/statm");
    fclose(statm);
    return (double)resident * sysconf(_SC_PAGESIZE);
}

/* The first connection stays out: it pays for what OpenSSL fetches and sets up once. */
static double bytes_per_connection(const Measurement *m, double seconds)
{
    static Pair pairs[IDLE_CONNECTIONS + 1];
    Contexts contexts = contexts_new(m);
    double before = 0, after;

    (void)seconds;
    malloc_trim(0);
    for (int i = 0; i <= IDLE_CONNECTIONS; i++) {
        pairs[i] = pair_connect(&contexts, NULL);
        pair_echo(&pairs[i]);
        store_clear();
        if (i == 0)
            before = footprint(m->metric);
    }
    after = footprint(m->metric);
    for (int i = 0; i <= IDLE_CONNECTIONS; i++)
        pair_close(&pairs[i]);
    contexts_free(&contexts);
    return (after - before) / IDLE_CONNECTIONS;
}

/* Runs this program anew, telling it when that was; the new one measures and reports. */
static double ms_since_start(const Measurement *m, double seconds)
{
    char since[32];
    pid_t child;
    int status;

    (void)seconds;
    if (started_at != NULL) {
        Contexts contexts = contexts_new(m);
        Pair pair = pair_connect(&contexts, NULL);
        double elapsed = now(CLOCK_REALTIME) - atof(started_at);

        pair_close(&pair);
        contexts_free(&contexts);
        return elapsed * 1000;
    }
    fflush(stdout);
    snprintf(since, sizeof(since), "%.6f", now(CLOCK_REALTIME));
    child = fork();
    if (child == 0) {
        execl("/proc/self/exe", program, "--only", m->metric, "--started-at", since, (char *)NULL);
        _exit(127);
    }
    must(child > 0 && waitpid(child, &status, 0) == child && status == 0, "run itself");
    return -1;
}

static void name_of(const Measurement *m, char *name, size_t size)
{
    snprintf(name, size, "%s %s %s %s %s%s%s", m->metric, m->version, m->key, m->group, m->cipher,
             m->mode ? " " : "", m->mode ? m->mode : "");
}

static void report(const Measurement *m, double value)
{
    if (value < 0)
        return;
    printf("{\"peer\":\"native\",\"metric\":\"%s\",\"version\":\"%s\",\"key\":\"%s\",\"group\":\"%s\","
           "\"cipher\":\"%s\",",
           m->metric, m->version, m->key, m->group, m->cipher);
    if (m->mode != NULL)
        printf("\"resumed\":%s,", strcmp(m->mode, "resumed") == 0 ? "true" : "false");
    printf("\"value\":%.6g,\"runtime\":\"OpenSSL %s\"}\n", value, OpenSSL_version(OPENSSL_FULL_VERSION_STRING));
    fflush(stdout);
}

static double now(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (double)time.tv_sec + time.tv_nsec / 1e9;
}
