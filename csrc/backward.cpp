#include "backward.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "blocking.h"
#include "instructions.h"
#include "scratch.h"
#include "threads.h"

namespace rectinet {
namespace {

// Rows that one thread does in one go.
constexpr int64_t chunk_rows = 64;

// So much of the deltas stays in L1 beside a row of weights. Depends on the shape alone: the partial
// sums of the input gradient, and so its rounding, are the same for every number of threads.
constexpr int64_t delta_bytes = 20 * 1024;

// Rows of weights, and for each the examples in which its input is active.
template <class T>
struct ActiveRows {
    std::vector<int64_t> row, start;
    std::vector<int32_t> example;
    std::vector<T> value;

    void clear() {
        row.clear();
        start.assign(1, 0);
        example.clear();
        value.clear();
    }
};

// Rows from `first` to `last` of a dense minibatch; with `all`, those without an active example too.
template <class T>
void list_dense(const Inputs<T> &x, int64_t first, int64_t last, bool all, ActiveRows<T> &rows) {
    rows.clear();
    const int64_t most = (last - first) * x.examples;
    rows.example.resize(most + 1);
    rows.value.resize(most + 1);
    int64_t found = 0;
    for (int64_t k = first; k < last; ++k) {
        const T *at = x.dense + k;
        for (int64_t e = 0; e < x.examples; ++e, at += x.stride) {
            rows.example[found] = int32_t(e);
            rows.value[found] = *at;
            found += *at != 0;
        }
        if (all || found > rows.start.back()) {
            rows.row.push_back(k);
            rows.start.push_back(found);
        }
    }
}

// All active rows of a CSR minibatch, in time that depends on its entries alone.
template <class T>
void list_sparse(const Inputs<T> &x, ActiveRows<T> &rows) {
    rows.clear();
    struct Entry {
        int32_t row, example;
        T value;
    };
    std::vector<Entry> entries;
    entries.reserve(x.starts[x.examples] - x.starts[0]);
    for (int64_t e = 0; e < x.examples; ++e)
        for (int64_t j = x.starts[e]; j < x.starts[e + 1]; ++j)
            if (x.value[j] != 0) entries.push_back({x.index[j], int32_t(e), x.value[j]});
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry &a, const Entry &b) { return a.row < b.row; });
    for (const Entry &entry : entries) {
        if (rows.row.empty() || rows.row.back() != entry.row) {
            rows.row.push_back(entry.row);
            rows.start.push_back(rows.start.back());
        }
        ++rows.start.back();
        rows.example.push_back(entry.example);
        rows.value.push_back(entry.value);
    }
}

// The rows from `first` to `last` of all, given the active ones among them.
template <class T>
void fill_in(const ActiveRows<T> &active, int64_t first, int64_t last, ActiveRows<T> &rows) {
    rows.clear();
    int64_t at = std::lower_bound(active.row.begin(), active.row.end(), first) - active.row.begin();
    for (int64_t k = first; k < last; ++k) {
        rows.row.push_back(k);
        if (at < int64_t(active.row.size()) && active.row[at] == k) {
            const int64_t from = active.start[at], to = active.start[at + 1];
            rows.example.insert(rows.example.end(), active.example.begin() + from,
                                active.example.begin() + to);
            rows.value.insert(rows.value.end(), active.value.begin() + from,
                              active.value.begin() + to);
            ++at;
        }
        rows.start.push_back(int64_t(rows.example.size()));
    }
}

template <class T>
T *shifted(T *from, int64_t by) {
    return from ? from + by : nullptr;
}

// Rows first to last of `rows`; `product` has room for one number per entry, or is null.
template <class T>
void walk_rows(const Backward<T> &job, const UpdateRule<T> &rule, const ActiveRows<T> &rows,
               int64_t first, int64_t last, T *product, Parameters<T> to, Parameters<T> state,
               Parameters<T> second_state) {
    static thread_local Scratch gradient_memory;
    const int64_t tile_size = tile_width<T>(delta_bytes, job.x.examples, job.n_out);
    T *const gradient = gradient_memory.get<T>(tile_size);
    for (int64_t column = 0; column < job.n_out; column += tile_size)
        for (int64_t i = first; i < last; ++i) {
            const int64_t entry = rows.start[i], at = rows.row[i] * job.n_out + column;
            const int64_t next = rows.row[i + 1 < last ? i + 1 : i] * job.n_out + column;
            const RowTile<T> tile{rows.start[i + 1] - entry,
                                  rows.example.data() + entry,
                                  rows.value.data() + entry,
                                  shifted(product, entry),
                                  job.delta + column,
                                  job.n_out,
                                  to.weight + at,
                                  to.weight + next,
                                  shifted(state.weight, at),
                                  shifted(second_state.weight, at),
                                  gradient,
                                  std::min(tile_size, job.n_out - column)};
            tiles<T>().row(tile, rule);
        }
}

// What the rows' products mean for the layer below.
template <class T>
void pass_down(const Backward<T> &job, const ActiveRows<T> &rows, int64_t first_row,
               int64_t last_row, const T *product) {
    const int64_t n_in = job.x.features;
    for (int64_t e = 0; e < job.x.examples; ++e)
        std::fill(job.below + e * n_in + first_row, job.below + e * n_in + last_row, T(0));
    for (int64_t i = 0; i < int64_t(rows.row.size()); ++i)
        for (int64_t j = rows.start[i]; j < rows.start[i + 1]; ++j) {
            const int64_t k = rows.row[i];
            // h = sign * a with a > 0, so the penalty's slope, sign(h), is the unit's own sign.
            job.below[rows.example[j] * n_in + k] = product[j] * job.below_sign[k] + job.below_l1;
        }
}

// The rows of a layer of few units, whether their inputs are active or not.
template <class T>
void step_narrow(const Backward<T> &job, int64_t first, int64_t last) {
    tiles<T>().narrow({job.x.examples, last - first, job.n_out, job.x.dense + first, job.x.stride,
                       job.delta, job.layer.weight + first * job.n_out, job.rule.rate,
                       shifted(job.below, first), job.x.features, shifted(job.below_sign, first),
                       job.below_l1});
}

// The bias: a row whose input is 1 in every example, and which pays no penalty.
template <class T>
void step_bias(const Backward<T> &job) {
    ActiveRows<T> rows;
    rows.clear();
    rows.row.push_back(0);
    rows.start.push_back(job.x.examples);
    rows.example.resize(job.x.examples);
    std::iota(rows.example.begin(), rows.example.end(), 0);
    rows.value.assign(job.x.examples, T(1));
    UpdateRule<T> rule = job.rule;
    rule.weight_l1 = rule.weight_l2 = 0;
    rule.plain = rule.rule == Rule::sgd;
    walk_rows(job, rule, rows, 0, 1, static_cast<T *>(nullptr), {job.layer.bias, nullptr},
              {job.first.bias, nullptr}, {job.second.bias, nullptr});
}

}  // namespace

template <class T>
void backward(const Backward<T> &job) {
    const bool all = !job.rule.plain;
    const bool narrow = job.x.dense && job.rule.plain && job.n_out <= most_narrow;
    static thread_local ActiveRows<T> kept;
    ActiveRows<T> &sparse = kept;  // the threads of the team share their caller's
    if (!job.x.dense) list_sparse(job.x, sparse);
    const int64_t n_rows = job.x.dense || all ? job.x.features : int64_t(sparse.row.size());
    const int64_t chunks = divide_up(n_rows, chunk_rows);
    const int64_t work = (job.x.dense ? n_rows * job.x.examples / 4
                                      : int64_t(sparse.example.size()) + (all ? n_rows : 0)) *
                         job.n_out;
    const int team = team_size(work);
#pragma omp parallel for schedule(dynamic) num_threads(team) if (team > 1)
    for (int64_t chunk = 0; chunk <= chunks; ++chunk) {
        static thread_local ActiveRows<T> rows;
        static thread_local Scratch product_memory;
        if (chunk == chunks) {
            step_bias(job);
            continue;
        }
        const int64_t first = chunk * chunk_rows, last = std::min(first + chunk_rows, n_rows);
        if (!job.x.dense && !all) {
            walk_rows(job, job.rule, sparse, first, last, static_cast<T *>(nullptr), job.layer,
                      job.first, job.second);
            continue;
        }
        if (narrow) {
            step_narrow(job, first, last);
            continue;
        }
        if (job.x.dense)
            list_dense(job.x, first, last, all, rows);
        else
            fill_in(sparse, first, last, rows);
        T *product = nullptr;
        if (job.below) {
            product = product_memory.get<T>(rows.start.back() + 1);
            std::fill_n(product, rows.start.back(), T(0));
        }
        walk_rows(job, job.rule, rows, 0, int64_t(rows.row.size()), product, job.layer, job.first,
                  job.second);
        if (job.below) pass_down(job, rows, first, last, product);
    }
}

template void backward(const Backward<float> &);
template void backward(const Backward<double> &);

}  // namespace rectinet
