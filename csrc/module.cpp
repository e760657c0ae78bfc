// The Python module: arrays in, checks, and the kernels without the interpreter's lock.

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "backward.h"
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
            tiles<T>().panel,
            numbers("bias", bias, n_out),
            numbers("sign", sign, n_out),
            rectify ? Finish::rectifier : Finish::linear};
}

template <class T>
void run_forward(const Inputs<T> &x, const ForwardLayer<T> &layer, const Matrix<T> &out) {
    expect("x", x.features, layer.n_in);
    T *const to = matrix("out", out, x.examples, layer.n_out);
    nb::gil_scoped_release unlocked;
    forward(x, layer, {to, layer.n_out});
}

template <class T>
void run_backward(const Inputs<T> &x, const Matrix<const T> &delta, const Matrix<T> &weight,
                  const Numbers<T> &bias, int rule, double rate, double momentum, double weight_l1,
                  double weight_l2, const std::optional<Matrix<T>> &first_weight,
                  const std::optional<Numbers<T>> &first_bias,
                  const std::optional<Matrix<T>> &second_weight,
                  const std::optional<Numbers<T>> &second_bias,
                  const std::optional<Matrix<T>> &below,
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
    if (below.has_value() != below_sign.has_value() || (below && !x.dense))
        refuse("what reaches the layer below needs that layer's signs and a dense x");
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
                          maybe_matrix("below", below, x.examples, n_in),
                          maybe_numbers("below_sign", below_sign, n_in),
                          T(below_l1)};
    nb::gil_scoped_release unlocked;
    backward(job);
}

template <class T>
void add_layer(Predictor<T> &predictor, const Matrix<const T> &weight,
               const Numbers<const T> &bias, const Numbers<const T> &sign, bool rectify) {
    if (predictor.n_out() != 0) expect("weight", int64_t(weight.shape(0)), predictor.n_out());
    predictor.add(row_major(weight, bias, sign, rectify));
}

template <class T>
bool all_finite(const Inputs<T> &x) {
    T sum = 0;
    const int64_t count = x.dense ? x.examples * x.features : x.starts[x.examples];
    const T *const values = x.dense ? x.dense : x.value;
    // Not finite times 0 is NaN. A run of 64 in four sums.
    for (int64_t j = 0; j < count; ++j) sum += values[j] * 0;
    return sum == 0;
}

template <class T>
bool run_predictor(const Predictor<T> &predictor, const Inputs<T> &x, bool softmax,
                   const Matrix<T> &out) {
    expect("x", x.features, predictor.n_in());
    T *const to = matrix("out", out, x.examples, predictor.n_out());
    nb::gil_scoped_release unlocked;
    if (!all_finite(x)) return false;
    predictor(x, softmax, to);
    return true;
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
        [](const In &x, const In &weight, const Values &bias, const Values &sign, bool rectify,
           const Matrix<T> &out) {
            run_forward(dense_inputs<T>(x), row_major<T>(weight, bias, sign, rectify), out);
        },
        nb::arg("x").noconvert(), nb::arg("weight").noconvert(), nb::arg("bias").noconvert(),
        nb::arg("sign").noconvert(), nb::arg("rectify"), nb::arg("out").noconvert());
    module.def(
        "forward_csr",
        [](const Starts &starts, const Index &index, const Values &value, const In &weight,
           const Values &bias, const Values &sign, bool rectify, const Matrix<T> &out) {
            const auto x = sparse_inputs<T>(starts, index, value, int64_t(weight.shape(0)));
            run_forward(x, row_major<T>(weight, bias, sign, rectify), out);
        },
        nb::arg("indptr").noconvert(), nb::arg("indices").noconvert(),
        nb::arg("data").noconvert(), nb::arg("weight").noconvert(), nb::arg("bias").noconvert(),
        nb::arg("sign").noconvert(), nb::arg("rectify"), nb::arg("out").noconvert());
    module.def(
        "backward",
        [](const In &x, const In &delta, const Matrix<T> &weight, const Numbers<T> &bias, int rule,
           double rate, double momentum, double weight_l1, double weight_l2, const State &first,
           const BiasState &first_bias, const State &second, const BiasState &second_bias,
           const State &below, const std::optional<Values> &below_sign, double below_l1) {
            run_backward(dense_inputs<T>(x), delta, weight, bias, rule, rate, momentum, weight_l1,
                         weight_l2, first, first_bias, second, second_bias, below, below_sign,
                         below_l1);
        },
        nb::arg("x").noconvert(), nb::arg("delta").noconvert(), nb::arg("weight").noconvert(),
        nb::arg("bias").noconvert(), nb::arg("rule"), nb::arg("rate"), nb::arg("momentum"),
        nb::arg("weight_l1"), nb::arg("weight_l2"), nb::arg("first").noconvert().none(),
        nb::arg("first_bias").noconvert().none(), nb::arg("second").noconvert().none(),
        nb::arg("second_bias").noconvert().none(), nb::arg("below").noconvert().none(),
        nb::arg("below_sign").noconvert().none(), nb::arg("below_l1"));
    module.def(
        "backward_csr",
        [](const Starts &starts, const Index &index, const Values &value, const In &delta,
           const Matrix<T> &weight, const Numbers<T> &bias, int rule, double rate,
           double momentum, double weight_l1, double weight_l2, const State &first,
           const BiasState &first_bias, const State &second, const BiasState &second_bias) {
            const auto x = sparse_inputs<T>(starts, index, value, int64_t(weight.shape(0)));
            run_backward(x, delta, weight, bias, rule, rate, momentum, weight_l1, weight_l2, first,
                         first_bias, second, second_bias, State(), std::optional<Values>(), 0.0);
        },
        nb::arg("indptr").noconvert(), nb::arg("indices").noconvert(),
        nb::arg("data").noconvert(), nb::arg("delta").noconvert(), nb::arg("weight").noconvert(),
        nb::arg("bias").noconvert(), nb::arg("rule"), nb::arg("rate"), nb::arg("momentum"),
        nb::arg("weight_l1"), nb::arg("weight_l2"), nb::arg("first").noconvert().none(),
        nb::arg("first_bias").noconvert().none(), nb::arg("second").noconvert().none(),
        nb::arg("second_bias").noconvert().none());
    module.def(
        "softmax_nll",
        [](const In &z, const Numbers<const int64_t> &target, const Matrix<T> &delta) {
            const int64_t examples = int64_t(z.shape(0)), n_out = int64_t(z.shape(1));
            const int64_t *wanted = numbers("target", target, examples);
            for (int64_t e = 0; e < examples; ++e)
                if (wanted[e] < 0 || wanted[e] >= n_out)
                    refuse("target " + std::to_string(wanted[e]) + " is not one of " +
                           std::to_string(n_out) + " classes");
            return softmax_nll(data_of("z", z), wanted, examples, n_out,
                               matrix("delta", delta, examples, n_out));
        },
        nb::arg("z").noconvert(), nb::arg("target").noconvert(), nb::arg("delta").noconvert());
    nb::class_<Predictor<T>>(module, predictor_name)
        .def(nb::init<>())
        .def("add", &add_layer<T>, nb::arg("weight").noconvert(), nb::arg("bias").noconvert(),
             nb::arg("sign").noconvert(), nb::arg("rectify"))
        .def(
            "predict",
            [](const Predictor<T> &self, const In &x, bool softmax, const Matrix<T> &out) {
                return run_predictor(self, dense_inputs<T>(x), softmax, out);
            },
            nb::arg("x").noconvert(), nb::arg("softmax"), nb::arg("out").noconvert())
        .def(
            "predict_csr",
            [](const Predictor<T> &self, const Starts &starts, const Index &index,
               const Values &value, bool softmax, const Matrix<T> &out) {
                const auto x = sparse_inputs<T>(starts, index, value, self.n_in());
                return run_predictor(self, x, softmax, out);
            },
            nb::arg("indptr").noconvert(), nb::arg("indices").noconvert(),
            nb::arg("data").noconvert(), nb::arg("softmax"), nb::arg("out").noconvert());
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
