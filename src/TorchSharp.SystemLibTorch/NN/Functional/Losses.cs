using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator CrossEntropyOp = new("aten::cross_entropy_loss");
            private static readonly Operator NllOp = new("aten::nll_loss_nd");
            private static readonly Operator BinaryCrossEntropyOp = new("aten::binary_cross_entropy");
            private static readonly Operator BinaryCrossEntropyWithLogitsOp = new(
                "aten::binary_cross_entropy_with_logits"
            );
            private static readonly Operator MseOp = new("aten::mse_loss");
            private static readonly Operator L1Op = new("aten::l1_loss");
            private static readonly Operator SmoothL1Op = new("aten::smooth_l1_loss");
            private static readonly Operator HuberOp = new("aten::huber_loss");
            private static readonly Operator KlDivOp = new("aten::kl_div");

            public static Tensor cross_entropy(
                Tensor input,
                Tensor target,
                Tensor? weight = null,
                long ignore_index = -100,
                Reduction reduction = Reduction.Mean,
                double label_smoothing = 0
            ) => CrossEntropyOp.Invoke(input, target, weight, (long)reduction, ignore_index, label_smoothing);

            public static Tensor nll_loss(
                Tensor input,
                Tensor target,
                Tensor? weight = null,
                Reduction reduction = Reduction.Mean
            ) => NllOp.Invoke(input, target, weight, (long)reduction);

            public static Tensor binary_cross_entropy(
                Tensor input,
                Tensor target,
                Tensor? weight = null,
                Reduction reduction = Reduction.Mean
            ) => BinaryCrossEntropyOp.Invoke(input, target, weight, (long)reduction);

            public static Tensor binary_cross_entropy_with_logits(
                Tensor input,
                Tensor target,
                Tensor? weight = null,
                Reduction reduction = Reduction.Mean,
                Tensor? pos_weights = null
            ) => BinaryCrossEntropyWithLogitsOp.Invoke(input, target, weight, pos_weights, (long)reduction);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                MseOp.Invoke(input, target, (long)reduction);

            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                L1Op.Invoke(input, target, (long)reduction);

            public static Tensor smooth_l1_loss(
                Tensor input,
                Tensor target,
                Reduction reduction = Reduction.Mean,
                double beta = 1
            ) => SmoothL1Op.Invoke(input, target, (long)reduction, beta);

            public static Tensor huber_loss(
                Tensor input,
                Tensor target,
                double delta = 1,
                Reduction reduction = Reduction.Mean
            ) => HuberOp.Invoke(input, target, (long)reduction, delta);

            /// <summary>The Kullback-Leibler divergence of the input's log-probabilities; the target too is in logarithms by default.</summary>
            public static Tensor kl_div(
                Tensor input,
                Tensor target,
                bool log_target = true,
                Reduction reduction = Reduction.Mean
            ) => KlDivOp.Invoke(input, target, (long)reduction, log_target);
        }
    }
}
