#!/usr/bin/env bash
# Makes every file of src/earnest/data and every fitted coefficient again, in order; the first that differs from what ships ends it.
set -euo pipefail
data=${1:-../shared/data/dev}
python=training/.venv/bin/python
# Sums of floats depend on their order: one thread. What ships was made on a processor with AVX-512 (training/README.md).
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

run() {
    printf '\n== training/%s\n' "$*" >&2
    "$python" "training/$1" "${@:2}"
}
same() {
    "$python" training/compare.py "$@" || {
        echo "make train: stopped, see above. If the change is meant, put the new sha256 and a new revision into" \
            "src/earnest/models.py and training/DATA.md, or the new coefficients into the module, and start again." >&2
        exit 1
    }
}

run export_encoder.py
same encoder.onnx tokenizer.json
run make_words.py
same words_en.txt.gz words_other.txt.gz
if [ ! -d "$data" ]; then
    echo "make train: SKIPPED what learns from labelled answers, since there are none in $data; the rest of the files is" \
        "as it ships. Name their folder: make train DATA=..." >&2
    exit
fi
run make_patterns.py "$data"
same patterns.npz
run fit_nonsensical.py "$data" --write | same --code src/earnest/checks/nonsensical.py
same word_order.npy
run fit_low_effort.py "$data" --write
same effort.npz
run train_authorship.py "$data" --write
same authorship.npz
run fit_irrelevant.py "$data" --write | same --code src/earnest/checks/irrelevant.py
same relevance.npz
run fit_duplicates.py --data "$data"
run fit_typing.py "$data" | same --code src/earnest/checks/signs.py
printf '\n== All files that ship\n'
same
