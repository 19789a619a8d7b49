/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/loop/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/secret.h"
#include "runtime/base/sys.h"
#include "runtime/log/log.h"
#include "runtime/loop/program_options.h"
#include "runtime/loop/readiness.h"

#define AT(field) offsetof(struct program_settings, field)
enum { EXIT_FINE = 0, EXIT_FAILED = 1, PERSON_KEY_MAX = 4096, ADDRESSES_MAX = 65536 };

const struct setting program_settings_table[] = {
    {"log-level", SETTING_WORD, AT(log_level), 0, 0, "info",
     "Least weight of the events that are logged.", "debug|info|warning|error"},
    {"drain-time", SETTING_TIME, AT(drain_ms), 0, 600000, "20s",
     "Longest wait for open work when a program is told to end.", NULL},
    {"sandbox", SETTING_BOOLEAN, AT(sandbox), 0, 0, "yes",
     "Give up system calls and files that are not needed.", NULL},
    {"person-key", SETTING_TEXT, AT(person_key_path), 0, 4096, "",
     "File with the key that hashes personal numbers in the log.", NULL},
    {0},
};

enum program_state {
    PROGRAM_STARTING,
    PROGRAM_RUNNING,
    PROGRAM_DRAINING, /* takes nothing new; program_drained() or the time ends it */
    PROGRAM_ENDED,
};

struct program_private {
    struct program_env env;
    const struct program *program;
    const struct program_options *options;
    void *state; /* the program's own */
    enum program_state step;
    int status;
    struct settings *settings;
    struct secret person_key;
    struct loop_timer *drain_timer;
    struct loop_signal *signals[3];
    struct buf addresses; /* " addr addr" */
    int landlock_abi;
};

static const struct program_settings *common(const struct settings *s)
{
    return settings_section(s, "program");
}

static void end(struct program_private *p, int status)
{
    p->step = PROGRAM_ENDED;
    p->status = status;
    loop_stop(p->env.loop);
}

static void on_drain_time(void *ctx)
{
    struct program_private *p = ctx;
    log_warning(NULL, "program.cut_off", KV_END);
    end(p, EXIT_FAILED);
}

static void drain(struct program_private *p)
{
    if (p->step != PROGRAM_RUNNING)
        return;
    p->step = PROGRAM_DRAINING;
    readiness_tell("STOPPING=1");
    log_info(NULL, "program.draining", KV_END);
    if (p->program->drain == NULL) {
        end(p, p->status);
        return;
    }
    loop_timer_set(p->drain_timer, loop_now_ms(p->env.loop) + common(p->settings)->drain_ms);
    p->program->drain(&p->env, p->state);
}

void program_drained(struct program_env *env)
{
    if (env->own->step == PROGRAM_DRAINING)
        end(env->own, env->own->status);
}

static void on_terminate(void *ctx)
{
    drain(ctx);
}

static const char *const always_fixed[] = {"program.sandbox", "program.person-key", NULL};

static bool may_take(const struct program_private *p, const struct settings *fresh, struct error *e)
{
    if (p->program->reload == NULL)
        return error_set(e, ERROR_REJECT, "new settings need a restart");
    if (settings_unchanged(p->settings, fresh, always_fixed, e) &&
        (p->program->fixed == NULL || settings_unchanged(p->settings, fresh, p->program->fixed, e)))
        return true;
    return error_prefix(e, "%s must be restarted for this", p->program->name);
}

/* All of the new file is checked before anything of it holds. */
static bool reload(struct program_private *p, struct error *e)
{
    struct settings *fresh;
    if (!settings_read(p->options->config, p->program->sections, &fresh, e))
        return p->landlock_abi > 0 && e->kind == ERROR_RETRY
                   ? error_prefix(e, "write into the file as it is, or restart: the sandbox does "
                                     "not open one that took its place")
                   : false;
    if (!may_take(p, fresh, e) || !p->program->reload(&p->env, p->state, fresh, e)) {
        settings_free(fresh);
        return false;
    }
    enum log_level level;
    if (log_level_parse(common(fresh)->log_level, &level))
        log_set_level(level);
    settings_free(p->settings);
    p->env.settings = p->settings = fresh;
    return true;
}

static void on_hangup(void *ctx)
{
    struct program_private *p = ctx;
    struct error e = {0};
    if (p->step != PROGRAM_RUNNING)
        return;
    readiness_tell("RELOADING=1");
    if (reload(p, &e))
        log_info(NULL, "program.reloaded", KV_END);
    else
        log_error(NULL, "program.reload_refused", KV_ERROR(&e));
    readiness_tell("READY=1");
}

void program_listening(struct program_env *env, struct str address)
{
    struct error e = {0};
    struct buf *all = &env->own->addresses;
    if (!buf_add_char(all, ' ', &e) || !buf_add(all, address, &e))
        buf_clear(all);
}

static bool set_up_log(struct program_private *p, struct error *e)
{
    const struct program_settings *s = common(p->settings);
    enum log_level level;
    if (!log_level_parse(s->log_level, &level))
        return error_set(e, ERROR_BUG, "no such log level");
    AUTO_MEM char *path = mem_new(s->person_key_path.len + 1);
    memcpy(path, s->person_key_path.at, s->person_key_path.len);
    if (path[0] != '\0' && !secret_read_file(&p->person_key, path, PERSON_KEY_MAX, e))
        return false;
    log_setup(p->program->name, level, STDERR_FILENO, secret_peek(&p->person_key));
    return true;
}

/* What nobody needs to know of this process: its memory, its files. */
static void close_up(const struct program_options *options)
{
    static const struct rlimit none = {0, 0};
    umask(077);
    /* Where it ended before this call nobody reads --ready-fd any more. That the parent is process 1
     * says nothing: in a container `posthorn run` is. */
    if (options->with_parent && prctl(PR_SET_PDEATHSIG, SIGTERM) == -1)
        (void)raise(SIGTERM);
    /* The leak check of the sanitizers looks at its own process as a debugger would. */
    if (options->allow_core || sizeof POSTHORN_SANITIZER_FLAGS > 1)
        return;
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

static bool enter_sandbox(struct program_private *p, struct error *e)
{
    struct sandbox s = {.network = SANDBOX_NO_NETWORK};
    if (!common(p->settings)->sandbox) {
        log_warning(NULL, "program.sandbox_off", KV_END);
        return true;
    }
    /* For SIGHUP. The rule is for this very file: who replaces it instead of writing into it has to
     * restart the program. The folder is not opened: keys may lie in it. */
    bool ok = sandbox_allow_usual(&s, e) &&
              sandbox_allow(&s, str_of(p->options->config), false, e) &&
              (p->program->sandbox == NULL || p->program->sandbox(&p->env, p->state, &s, e)) &&
              sandbox_enter(&s, &p->landlock_abi, e);
    sandbox_release(&s);
    if (ok && p->landlock_abi == 0)
        log_warning(NULL, "program.landlock_missing", KV_END);
    return ok;
}

static bool start(struct program_private *p, struct error *e)
{
    const struct program *program = p->program;
    if (!set_up_log(p, e) || !program->open(&p->env, &p->state, e) || !enter_sandbox(p, e) ||
        (program->start != NULL && !program->start(&p->env, p->state, e)))
        return false;
    if (p->step == PROGRAM_STARTING)
        p->step = PROGRAM_RUNNING;
    log_info(NULL, "program.started", KV_TEXT("version", POSTHORN_VERSION),
             KV_STR("listens", str_trim(buf_str(&p->addresses))),
             KV_I64("landlock", p->landlock_abi));
    readiness_tell("READY=1");
    return p->options->ready_fd == -1 ||
           readiness_write(p->options->ready_fd, buf_str(&p->addresses), e);
}

static void watch_signals(struct program_private *p)
{
    p->drain_timer = loop_timer_new(p->env.loop, on_drain_time, p);
    p->signals[0] = loop_signal_new(p->env.loop, SIGTERM, on_terminate, p);
    p->signals[1] = loop_signal_new(p->env.loop, SIGINT, on_terminate, p);
    p->signals[2] = loop_signal_new(p->env.loop, SIGHUP, on_hangup, p);
}

static void release(struct program_private *p)
{
    if (p->program->close != NULL && p->state != NULL)
        p->program->close(p->state);
    for (size_t i = 0; i < sizeof p->signals / sizeof p->signals[0]; i++)
        loop_signal_free(p->signals[i]);
    loop_timer_free(p->drain_timer);
    loop_free(p->env.loop);
    settings_free(p->settings);
    secret_release(&p->person_key);
    buf_release(&p->addresses);
}

static int run(const struct program *program, const struct program_options *options,
               struct settings *settings)
{
    struct error e = {0};
    struct program_private p = {.program = program, .options = options, .settings = settings};
    mem_setup();
    p.env = (struct program_env){loop_new(), settings, &p};
    p.addresses = BUF(ADDRESSES_MAX);
    close_up(options);
    watch_signals(&p);
    if (!start(&p, &e)) {
        log_error(NULL, "program.not_started", KV_ERROR(&e));
        p.status = EXIT_FAILED;
    } else if (p.step == PROGRAM_RUNNING) {
        loop_run(p.env.loop);
    }
    release(&p);
    if (p.status == EXIT_FINE)
        log_info(NULL, "program.ended", KV_END);
    return p.status;
}

int program_run(int argc, char **argv, const struct program *program)
{
    struct program_options options;
    struct error e = {0};
    int status;
    if (!sys_hold_standard_fds(&e))
        return EXIT_FAILED;
    if (!program_options_read(argc, argv, program, &options, &status))
        return status;
    struct settings *settings;
    if (!settings_read(options.config, program->sections, &settings, &e)) {
        (void)fprintf(stderr, "%s: %s\n", program->name, e.text);
        return EXIT_FAILED;
    }
    if (options.check_only) {
        (void)printf("%s: the settings are right\n", options.config);
        settings_free(settings);
        return EXIT_FINE;
    }
    return run(program, &options, settings);
}
