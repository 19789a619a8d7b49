/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* player.c - stands in for libFuzzer where the tree is built without it: runs a target over every
 * file named on the command line, or in a folder named there. So the corpus is an ordinary test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

static int play_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size == 0 ? 1 : size); /* no octet more, so that sanitizers see a read past */
    if (file == NULL || data == NULL || fread(data, 1, size, file) != size) {
        perror(path);
        exit(2);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static int play(const char *path);

static int play_folder(const char *path)
{
    int played = 0;
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char inner[4096];
        int n = snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && n > 0 && (size_t)n < sizeof(inner))
            played += play(inner);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return played;
}

static int play(const char *path)
{
    struct stat st;
    if (stat(path, &st) == -1) {
        perror(path);
        exit(2);
    }
    return S_ISDIR(st.st_mode) ? play_folder(path) : play_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
    int played = 0;
    if (LLVMFuzzerInitialize != NULL)
        LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        if (argv[i][0] != '-') /* libFuzzer's options mean nothing here */
            played += play(argv[i]);
    printf("%s: %d inputs\n", argv[0], played);
    return played > 0 ? 0 : 2;
}
