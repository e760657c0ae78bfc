// The Python module: arrays in, checks, and the kernels without the interpreter's lock.

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "arrays.h"
#include "backward.h"
#include "decoder.h"
#include "forward.h"
#include "instructions.h"
#include "losses.h"
#include "predictor.h"
#include "threads.h"

namespace rectinet {
namespace {

template <class T>
ForwardLayer<T> row_major(const Matrix<const T> &weight, const Numbers<const T> &bias,
                          const Numbers<const T> &sign, bool rectify) {
    const int64_t n_in = int64_t(weight.shape(0)), n_out = int64_t(weight.shape(1));
    return {n_in,
            n_out,
            data_of("weight", weight),
            n_out,
            numbers("bias", bias, n_out),
            numbers("sign", sign, n_out),
            rectify ? Finish::rectifier : Finish::linear};
}

template <class T>
auto run_forward(const Inputs<T> &x, const ForwardLayer<T> &layer) {
    expect("x", x.features, layer.n_in);
    NewMatrix<T> out(x.examples, layer.n_out);
    {
        nb::gil_scoped_release unlocked;
        forward(x, layer, {out.data, layer.n_out});
    }
    return out.array;
}

template <class T>
nb::object run_backward(const Inputs<T> &x, const Matrix<const T> &delta, const Matrix<T> &weight,
                  const Numbers<T> &bias, int rule, double rate, double momentum, double weight_l1,
                  double weight_l2, const std::optional<Matrix<T>> &first_weight,
                  const std::optional<Numbers<T>> &first_bias,
                  const std::optional<Matrix<T>> &second_weight,
                  const std::optional<Numbers<T>> &second_bias,
                  const std::optional<Numbers<const T>> &below_sign, double below_l1) {
    const int64_t n_in = int64_t(weight.shape(0)), n_out = int64_t(weight.shape(1));
    expect("x", x.features, n_in);
    if (rule < 0 || rule > int(Rule::gradient)) refuse("no such rule");
    const Rule kind = static_cast<Rule>(rule);
    if ((kind != Rule::sgd) != first_weight.has_value() ||
        first_weight.has_value() != first_bias.has_value() ||
        (kind == Rule::adam) != second_weight.has_value() ||
        second_weight.has_value() != second_bias.has_value())
        refuse("the rule's buffers are missing, or there are too many");
    std::optional<NewMatrix<T>> below;
    if (below_sign) below.emplace(x.examples, n_in);
    const UpdateRule<T> update{kind,         T(rate),      T(momentum),
                               T(weight_l1), T(weight_l2), kind == Rule::sgd && weight_l1 == 0 &&
                                                               weight_l2 == 0};
    const Backward<T> job{x,
                          n_out,
                          matrix("delta", delta, x.examples, n_out),
                          {data_of("weight", weight), numbers("bias", bias, n_out)},
                          update,
                          {maybe_matrix("first", first_weight, n_in, n_out),
                           maybe_numbers("first", first_bias, n_out)},
                          {maybe_matrix("second", second_weight, n_in, n_out),
                           maybe_numbers("second", second_bias, n_out)},
                          below ? below->data : nullptr,
                          maybe_numbers("below_sign", below_sign, n_in),
                          T(below_l1)};
    {
        nb::gil_scoped_release unlocked;
        backward(job);
    }
    return below ? nb::cast(below->array) : nb::none();
}

template <class T>
Pairs<T> checked_pairs(const Numbers<const int64_t> &output, const Numbers<const int64_t> &start,
                       const Numbers<const int32_t> &example, const Numbers<const T> &target,
                       const Numbers<const T> &factor, int64_t n_outputs, int64_t examples) {
    const int64_t outputs = int64_t(output.shape(0)), pairs = int64_t(example.shape(0));
    const Pairs<T> checked{outputs,
                           data_of("output", output),
                           numbers("start", start, outputs + 1),
                           data_of("example", example),
                           numbers("target", target, pairs),
                           numbers("factor", factor, pairs)};
    if (checked.start[0] != 0 || checked.start[outputs] != pairs)
        refuse("start does not run from 0 to the number of pairs");
    // Ascending, so that no two threads move the same row.
    for (int64_t k = 0; k < outputs; ++k) {
        if (checked.start[k + 1] < checked.start[k]) refuse("start does not ascend");
        if (checked.output[k] < (k ? checked.output[k - 1] + 1 : 0) ||
            checked.output[k] >= n_outputs)
            refuse("output " + std::to_string(checked.output[k]) +
                   " does not ascend, or is not one of " + std::to_string(n_outputs));
    }
    for (int64_t j = 0; j < pairs; ++j)
        if (checked.example[j] < 0 || checked.example[j] >= examples)
            refuse("example " + std::to_string(checked.example[j]) + " is not one of " +
                   std::to_string(examples));
    return checked;
}

template <class T>
nb::object run_decoder_step(const Matrix<const T> &code, const Numbers<const int64_t> &output,
                            const Numbers<const int64_t> &start,
                            const Numbers<const int32_t> &example,
                            const Numbers<const T> &target, const Numbers<const T> &factor,
                            const Matrix<T> &weight, const Numbers<T> &bias, double rate, int kind,
                            double alpha) {
    const int64_t examples = int64_t(code.shape(0)), n_hidden = int64_t(code.shape(1));
    const int64_t n_outputs = int64_t(weight.shape(0));
    if (kind < 0 || kind > int(CostKind::rectifier)) refuse("no such cost");
    NewMatrix<T> gradient(examples, n_hidden);
    const DecoderStep<T> job{
        checked_pairs<T>(output, start, example, target, factor, n_outputs, examples),
        examples,
        n_hidden,
        data_of("code", code),
        matrix("weight", weight, n_outputs, n_hidden),
        numbers("bias", bias, n_outputs),
        T(rate),
        {static_cast<CostKind>(kind), alpha},
        gradient.data};
    double cost;
    {
        nb::gil_scoped_release unlocked;
        cost = decoder_step(job);
    }
    return nb::make_tuple(cost, gradient.array);
}

template <class T>
void add_layer(Predictor<T> &predictor, const Matrix<const T> &weight,
               const Numbers<const T> &bias, const Numbers<const T> &sign, bool rectify) {
    if (predictor.n_out() != 0) expect("weight", int64_t(weight.shape(0)), predictor.n_out());
    predictor.add(row_major(weight, bias, sign, rectify));
}

template <class T>
bool all_finite(const Inputs<T> &x) {
    const int64_t count = x.dense ? x.examples * x.features : x.starts[x.examples];
    const T *const values = x.dense ? x.dense : x.value;
    // Several sums, which need not wait for each other; what is not finite times 0 is NaN.
    constexpr int64_t lanes = 16;
    T sums[lanes] = {};
    int64_t j = 0;
    for (; j + lanes <= count; j += lanes)
        for (int64_t i = 0; i < lanes; ++i) sums[i] += values[j + i] * 0;
    for (; j < count; ++j) sums[0] += values[j] * 0;
    T sum = 0;
    for (const T part : sums) sum += part;
    return sum == 0;
}

// None if x is not finite; otherwise the number of layers done, and what came out of the last.
template <class T>
nb::object run_predictor(const Predictor<T> &predictor, const Inputs<T> &x, bool softmax,
                         double most_active) {
    expect("x", x.features, predictor.n_in());
    NewMatrix<T> out(x.examples, predictor.n_out());
    std::vector<T> hidden;
    int done = -1;
    {
        nb::gil_scoped_release unlocked;
        if (all_finite(x)) done = predictor(x, softmax, most_active, out.data, hidden);
    }
    if (done < 0) return nb::none();
    if (hidden.empty()) return nb::make_tuple(done, out.array);
    NewMatrix<T> reached(x.examples, int64_t(hidden.size()) / x.examples);
    std::copy(hidden.begin(), hidden.end(), reached.data);
    return nb::make_tuple(done, reached.array);
}

template <class T>
void bind(nb::module_ &module, const char *predictor_name) {
    using In = Matrix<const T>;
    using Starts = Numbers<const int64_t>;
    using Index = Numbers<const int32_t>;
    using Values = Numbers<const T>;
    using State = std::optional<Matrix<T>>;
    using BiasState = std::optional<Numbers<T>>;
    // No conversions: a kernel that wrote into a converted copy would leave the layer as it was.
    module.def(
        "forward",
        [](const In &x, const In &weight, const Values &bias, const Values &sign, bool rectify) {
            return run_forward(dense_inputs<T>(x), row_major<T>(weight, bias, sign, rectify));
        },
        nb::arg("x").noconvert(), nb::arg("weight").noconvert(), nb::arg("bias").noconvert(),
        nb::arg("sign").noconvert(), nb::arg("rectify"));
    module.def(
        "forward_csr",
        [](const Starts &starts, const Index &index, const Values &value, const In &weight,
           const Values &bias, const Values &sign, bool rectify) {
            const auto x = sparse_inputs<T>(starts, index, value, int64_t(weight.shape(0)));
            return run_forward(x, row_major<T>(weight, bias, sign, rectify));
        },
        nb::arg("indptr").noconvert(), nb::arg("indices").noconvert(),
        nb::arg("data").noconvert(), nb::arg("weight").noconvert(), nb::arg("bias").noconvert(),
        nb::arg("sign").noconvert(), nb::arg("rectify"));
    module.def(
        "backward",
        [](const In &x, const In &delta, const Matrix<T> &weight, const Numbers<T> &bias, int rule,
           double rate, double momentum, double weight_l1, double weight_l2, const State &first,
           const BiasState &first_bias, const State &second, const BiasState &second_bias,
           const std::optional<Values> &below_sign, double below_l1) {
            return run_backward(dense_inputs<T>(x), delta, weight, bias, rule, rate, momentum,
                                weight_l1, weight_l2, first, first_bias, second, second_bias,
                                below_sign, below_l1);
        },
        nb::arg("x").noconvert(), nb::arg("delta").noconvert(), nb::arg("weight").noconvert(),
        nb::arg("bias").noconvert(), nb::arg("rule"), nb::arg("rate"), nb::arg("momentum"),
        nb::arg("weight_l1"), nb::arg("weight_l2"), nb::arg("first").noconvert().none(),
        nb::arg("first_bias").noconvert().none(), nb::arg("second").noconvert().none(),
        nb::arg("second_bias").noconvert().none(), nb::arg("below_sign").noconvert().none(), nb::arg("below_l1"));
    module.def(
        "backward_csr",
        [](const Starts &starts, const Index &index, const Values &value, const In &delta,
           const Matrix<T> &weight, const Numbers<T> &bias, int rule, double rate,
           double momentum, double weight_l1, double weight_l2, const State &first,
           const BiasState &first_bias, const State &second, const BiasState &second_bias) {
            const auto x = sparse_inputs<T>(starts, index, value, int64_t(weight.shape(0)));
            run_backward(x, delta, weight, bias, rule, rate, momentum, weight_l1, weight_l2, first,
                         first_bias, second, second_bias, std::optional<Values>(), 0.0);
        },
        nb::arg("indptr").noconvert(), nb::arg("indices").noconvert(),
        nb::arg("data").noconvert(), nb::arg("delta").noconvert(), nb::arg("weight").noconvert(),
        nb::arg("bias").noconvert(), nb::arg("rule"), nb::arg("rate"), nb::arg("momentum"),
        nb::arg("weight_l1"), nb::arg("weight_l2"), nb::arg("first").noconvert().none(),
        nb::arg("first_bias").noconvert().none(), nb::arg("second").noconvert().none(),
        nb::arg("second_bias").noconvert().none());
    module.def("decoder_step", &run_decoder_step<T>, nb::arg("code").noconvert(),
               nb::arg("output").noconvert(), nb::arg("start").noconvert(),
               nb::arg("example").noconvert(), nb::arg("target").noconvert(),
               nb::arg("factor").noconvert(), nb::arg("weight").noconvert(),
               nb::arg("bias").noconvert(), nb::arg("rate"), nb::arg("kind"), nb::arg("alpha"));
    module.def(
        "softmax_nll",
        [](const In &z, const Numbers<const int64_t> &target) {
            const int64_t examples = int64_t(z.shape(0)), n_out = int64_t(z.shape(1));
            const int64_t *wanted = numbers("target", target, examples);
            for (int64_t e = 0; e < examples; ++e)
                if (wanted[e] < 0 || wanted[e] >= n_out)
                    refuse("target " + std::to_string(wanted[e]) + " is not one of " +
                           std::to_string(n_out) + " classes");
            NewMatrix<T> delta(examples, n_out);
            const double cost =
                softmax_nll(data_of("z", z), wanted, examples, n_out, delta.data);
            return nb::make_tuple(cost, delta.array);
        },
        nb::arg("z").noconvert(), nb::arg("target").noconvert());
    nb::class_<Predictor<T>>(module, predictor_name)
        .def(nb::init<>())
        .def("add", &add_layer<T>, nb::arg("weight").noconvert(), nb::arg("bias").noconvert(),
             nb::arg("sign").noconvert(), nb::arg("rectify"))
        .def(
            "predict",
            [](const Predictor<T> &self, const In &x, bool softmax, double most_active) {
                return run_predictor(self, dense_inputs<T>(x), softmax, most_active);
            },
            nb::arg("x").noconvert(), nb::arg("softmax"), nb::arg("most_active"))
        .def(
            "predict_csr",
            [](const Predictor<T> &self, const Starts &starts, const Index &index,
               const Values &value, bool softmax, double most_active) {
                const auto x = sparse_inputs<T>(starts, index, value, self.n_in());
                return run_predictor(self, x, softmax, most_active);
            },
            nb::arg("indptr").noconvert(), nb::arg("indices").noconvert(),
            nb::arg("data").noconvert(), nb::arg("softmax"), nb::arg("most_active"));
}

}  // namespace
}  // namespace rectinet

NB_MODULE(_native, module) {
    using namespace rectinet;
    bind<float>(module, "Predictor32");
    bind<double>(module, "Predictor64");
    module.def("available_instructions", [] {
        std::vector<std::string> names;
        for (const InstructionSet *set : available_instructions()) names.emplace_back(set->name);
        return names;
    });
    module.def("instructions", [] { return std::string(instructions().name); });
    module.def("use_instructions", [](const std::string &name) {
        if (!use_instructions(name)) refuse("this processor has no instructions named " + name);
    });
    module.def("threads", [] { return team_size(INT64_MAX); });
}
