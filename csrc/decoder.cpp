#include "decoder.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "blocking.h"
#include "instructions.h"
#include "scratch.h"
#include "threads.h"

namespace rectinet {
namespace {

// Outputs whose rows are done together: with 5,000 hidden units, 320 KB that stay in L2.
constexpr int64_t block_outputs = 16;

// The outputs are shared out in so many parts at most, each with a sum of its own for the gradient
// of the code, whatever the number of threads.
constexpr int64_t most_parts = 8;

// So much of the code, and so much of a block's rows, is used again from L1. All outputs of 10
// examples, 5,000 to 5,000, on one thread: products 15 ms with 16 KB of code, 22 with 56; the rest
// 23 ms with 32 KB of rows, 25 with 16, 29 with 8. Sampled outputs do not care.
constexpr int64_t code_bytes = 16 * 1024;
constexpr int64_t row_bytes = 32 * 1024;

// log(1 + exp(-|z|)) and the logistic function of z, from one exponential.
template <class T>
struct Logistic {
    explicit Logistic(T z) {
        const T small = std::exp(-std::abs(z));
        tail = std::log1p(small);
        value = (z < 0 ? small : T(1)) / (1 + small);
    }
    T tail, value;
};

// The cost of one output, and its slope with respect to the pre-activation.
template <class T>
T cost_and_slope(const Cost &cost, T z, T target, T &slope) {
    T value = z, derivative = 1;
    switch (cost.kind) {
        case CostKind::cross_entropy: {
            const Logistic<T> logistic(z);
            slope = logistic.value - target;
            return std::max(z, T(0)) - z * target + logistic.tail;
        }
        case CostKind::linear: break;
        case CostKind::softplus: {
            const T alpha = T(cost.alpha);
            const Logistic<T> logistic(alpha * z);
            value = std::max(z, T(0)) + logistic.tail / alpha;
            derivative = logistic.value;
            break;
        }
        case CostKind::rectifier: {
            derivative = z > 0;
            value = z < 0 ? T(0) : z;  // NaN stays
            break;
        }
    }
    slope = 2 * (value - target) * derivative;
    return (value - target) * (value - target);
}

// What one thread needs for a block of outputs.
template <class T>
struct Block {
    std::vector<T> delta;  // of each pair: first the pre-activation
    // The pairs once more, example by example: from start[e] on, the rows and the deltas.
    std::vector<int64_t> start;
    std::vector<int32_t> row;
    std::vector<T> value;
    // Of a block that all examples want: its rows, the examples' numbers, the deltas example by
    // example, and a group's values as its loops read them.
    std::vector<T *> rows;
    std::vector<int32_t> example;
    std::vector<T> down, mixed;
};

template <class T>
class Pass {
   public:
    explicit Pass(const DecoderStep<T> &job)
        : job_(job),
          dots_(dots<T>()),
          tiles_(tiles<T>()),
          dot_width_(tile_width<T>(code_bytes,
                                   divide_up(job.pairs.start[job.pairs.outputs],
                                             std::max<int64_t>(job.pairs.outputs, 1)),
                                   job.n_hidden)),
          step_width_(tile_width<T>(row_bytes, block_outputs, job.n_hidden)) {}

    // The outputs from `first` to `last`, at most `block_outputs`; adds to `gradient` and returns
    // the sum of the costs.
    double block(int64_t first, int64_t last, Block<T> &memory, T *gradient) const {
        const int64_t from = job_.pairs.start[first], pairs = job_.pairs.start[last] - from;
        memory.delta.assign(pairs, T(0));
        if (all_examples(from, pairs, last - first))
            return whole_block(first, last, memory, gradient);
        multiply(first, last, memory.delta.data());
        const double cost = compare(first, last, memory.delta.data());
        by_example(first, last, memory);
        for (int64_t column = 0; column < job_.n_hidden; column += step_width_) {
            pass_down(column, first, memory, gradient);
            step(column, first, last, memory.delta.data());
        }
        return cost;
    }

   private:
    // Whether each of `rows` outputs has all examples, in their order.
    bool all_examples(int64_t from, int64_t pairs, int64_t rows) const {
        if (pairs != rows * job_.examples) return false;
        for (int64_t j = 0; j < pairs; ++j)
            if (job_.pairs.example[from + j] != j % job_.examples) return false;
        return true;
    }

    // The same where every example wants all of the outputs: small dense products.
    double whole_block(int64_t first, int64_t last, Block<T> &memory, T *gradient) const {
        const int64_t rows = last - first, examples = job_.examples;
        memory.rows.resize(rows);
        memory.row.resize(std::max(rows, examples));
        for (int64_t k = 0; k < rows; ++k) {
            const int64_t output = job_.pairs.output[first + k];
            memory.rows[k] = job_.weight + output * job_.n_hidden;
            memory.row[k] = int32_t(output - job_.pairs.output[first]);
        }
        T *const delta = memory.delta.data();
        dots_.all(memory.rows.data(), rows, job_.code, examples, job_.n_hidden, job_.n_hidden,
                  delta);
        const double cost = compare(first, last, delta);
        memory.example.resize(examples);
        std::iota(memory.example.begin(), memory.example.end(), 0);
        memory.down.resize(rows * examples);
        memory.value.resize(rows * examples);
        for (int64_t e = 0; e < examples; ++e)
            for (int64_t k = 0; k < rows; ++k) {
                memory.down[e * rows + k] = delta[k * examples + e];
                memory.value[k * examples + e] = -job_.rate * delta[k * examples + e];
            }
        for (int64_t column = 0; column < job_.n_hidden; column += step_width_) {
            ForwardTile<T> tile{};
            tile.stride = job_.n_hidden;
            tile.width = std::min(step_width_, job_.n_hidden - column);
            tile.finish = Finish::partial;
            tile.sign = job_.code + column;
            tile.near = true;
            // gradient += delta . rows, from the weights of before the step
            tile.weight = memory.rows[0] + column;
            tile.index = memory.row.data();
            tile.count = rows;
            add_products(tile, examples, memory.down.data(), memory.mixed,
                         [&](int64_t e) { return gradient + e * job_.n_hidden + column; });
            // rows -= rate * delta . code
            tile.weight = job_.code + column;
            tile.index = memory.example.data();
            tile.count = examples;
            add_products(tile, rows, memory.value.data(), memory.mixed,
                         [&](int64_t k) { return memory.rows[k] + column; });
        }
        return cost;
    }

    // out(i) += the sum over the tile's list of value[i, j] times its weights, for `outs` outs.
    template <class Out>
    void add_products(ForwardTile<T> tile, int64_t outs, const T *value, std::vector<T> &mixed,
                      Out out) const {
        const int64_t groups = divide_up(outs, largest_group);
        for (int64_t group = 0; group < groups; ++group) {
            const int64_t from = group * outs / groups;
            tile.examples = (group + 1) * outs / groups - from;
            mixed.resize(tile.count * tile.examples);
            for (int64_t j = 0; j < tile.count; ++j)
                for (int64_t i = 0; i < tile.examples; ++i)
                    mixed[j * tile.examples + i] = value[(from + i) * tile.count + j];
            tile.value = mixed.data();
            for (int64_t i = 0; i < tile.examples; ++i) tile.start[i] = tile.out[i] = out(from + i);
            (tile.examples > 1 ? tiles_.forward_group : tiles_.forward)(tile);
        }
    }

    RowTile<T> tile(int64_t column, int64_t width, int64_t output, int64_t last, int64_t from,
                    T *value) const {
        const Pairs<T> &pairs = job_.pairs;
        const int64_t entry = pairs.start[output], next = std::min(output + 1, last - 1);
        T *const weight = job_.weight + column;
        return {pairs.start[output + 1] - entry,
                pairs.example + entry,
                value + (entry - from),
                value + (entry - from),
                job_.code + column,
                job_.n_hidden,
                weight + pairs.output[output] * job_.n_hidden,
                weight + pairs.output[next] * job_.n_hidden,
                nullptr,
                nullptr,
                nullptr,
                std::min(width, job_.n_hidden - column)};
    }

    // product += code . row, for each pair.
    void multiply(int64_t first, int64_t last, T *product) const {
        const int64_t from = job_.pairs.start[first];
        for (int64_t column = 0; column < job_.n_hidden; column += dot_width_)
            for (int64_t k = first; k < last; ++k)
                dots_.some(tile(column, dot_width_, k, last, from, product));
    }

    // Turns the products into deltas and moves the biases.
    double compare(int64_t first, int64_t last, T *delta) const {
        const Pairs<T> &pairs = job_.pairs;
        const int64_t from = pairs.start[first];
        const T share = T(1) / T(job_.examples);
        double total = 0;
        for (int64_t k = first; k < last; ++k) {
            T &bias = job_.bias[pairs.output[k]];
            T sum = 0;
            for (int64_t j = pairs.start[k]; j < pairs.start[k + 1]; ++j) {
                T &value = delta[j - from], slope;
                const T cost = cost_and_slope(job_.cost, value + bias, pairs.target[j], slope);
                total += double(pairs.weight[j]) * double(cost);
                sum += value = pairs.weight[j] * share * slope;
            }
            bias -= job_.rate * sum;
        }
        return total;
    }

    void by_example(int64_t first, int64_t last, Block<T> &memory) const {
        const Pairs<T> &pairs = job_.pairs;
        const int64_t from = pairs.start[first], count = pairs.start[last] - from;
        memory.start.assign(job_.examples + 1, 0);
        memory.row.resize(count);
        memory.value.resize(count);
        for (int64_t j = 0; j < count; ++j) ++memory.start[pairs.example[from + j] + 1];
        for (int64_t e = 0; e < job_.examples; ++e) memory.start[e + 1] += memory.start[e];
        for (int64_t k = first; k < last; ++k)
            for (int64_t j = pairs.start[k]; j < pairs.start[k + 1]; ++j) {
                const int64_t at = memory.start[pairs.example[j]]++;
                memory.row[at] = int32_t(pairs.output[k] - pairs.output[first]);
                memory.value[at] = memory.delta[j - from];
            }
        // Each start has moved on to the next one.
        memory.start.insert(memory.start.begin(), 0);
    }

    // gradient += delta . rows, from the weights of before the step.
    void pass_down(int64_t column, int64_t first, const Block<T> &memory, T *gradient) const {
        ForwardTile<T> tile{};
        tile.weight = job_.weight + job_.pairs.output[first] * job_.n_hidden + column;
        tile.stride = job_.n_hidden;
        tile.examples = 1;
        tile.width = std::min(step_width_, job_.n_hidden - column);
        tile.finish = Finish::partial;
        tile.sign = job_.code + column;  // partial sums have no sign, but it is read
        tile.near = true;
        for (int64_t e = 0; e < job_.examples; ++e) {
            tile.count = memory.start[e + 1] - memory.start[e];
            if (tile.count == 0) continue;
            tile.index = memory.row.data() + memory.start[e];
            tile.value = memory.value.data() + memory.start[e];
            tile.out[0] = gradient + e * job_.n_hidden + column;
            tile.start[0] = tile.out[0];
            tiles_.forward(tile);
        }
    }

    // row -= rate * delta . code
    void step(int64_t column, int64_t first, int64_t last, T *delta) const {
        const UpdateRule<T> rule{Rule::sgd, job_.rate, T(0), T(0), T(0), true};
        const int64_t from = job_.pairs.start[first];
        for (int64_t k = first; k < last; ++k) {
            RowTile<T> row = tile(column, step_width_, k, last, from, delta);
            row.product = nullptr;
            tiles_.row(row, rule);
        }
    }

    const DecoderStep<T> &job_;
    const Dots<T> &dots_;
    const Tiles<T> &tiles_;
    const int64_t dot_width_, step_width_;
};

}  // namespace

template <class T>
double decoder_step(const DecoderStep<T> &job) {
    const int64_t blocks = divide_up(job.pairs.outputs, block_outputs);
    const int64_t parts = std::min(most_parts, blocks);
    const int64_t size = job.examples * job.n_hidden;
    static thread_local Scratch kept;
    T *const sums = kept.get<T>(parts * size + 1);  // the threads of the team share their caller's
    double costs[most_parts] = {};
    const Pass<T> pass(job);
    const int team = team_size(3 * job.pairs.start[job.pairs.outputs] * job.n_hidden);
    constexpr int64_t columns = 4096;
#pragma omp parallel num_threads(team) if (team > 1)
    {
        static thread_local Block<T> memory;
#pragma omp for schedule(dynamic)
        for (int64_t part = 0; part < parts; ++part) {
            T *const gradient = sums + part * size;
            std::fill_n(gradient, size, T(0));
            for (int64_t b = part * blocks / parts; b < (part + 1) * blocks / parts; ++b)
                costs[part] += pass.block(b * block_outputs,
                                          std::min((b + 1) * block_outputs, job.pairs.outputs),
                                          memory, gradient);
        }
#pragma omp for schedule(static)
        for (int64_t first = 0; first < size; first += columns)
            for (int64_t j = first; j < std::min(size, first + columns); ++j) {
                T sum = 0;
                for (int64_t part = 0; part < parts; ++part) sum += sums[part * size + j];
                job.gradient[j] = sum;
            }
    }
    double total = 0;
    for (const double cost : costs) total += cost;
    return total / double(std::max<int64_t>(job.examples, 1));
}

template double decoder_step(const DecoderStep<float> &);
template double decoder_step(const DecoderStep<double> &);

}  // namespace rectinet
