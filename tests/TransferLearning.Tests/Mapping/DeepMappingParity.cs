using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Penalties of deep mapping methods.</summary>
public sealed class DeepMappingParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        [
            "jmmd_quadratic",
            "jmmd_linear",
            "lmmd",
            "log_coral_uncentred",
            "coral_loss_mean_and_covariance",
            "adaptive_feature_norm",
            "batch_spectral_penalization",
            "representation_subspace_distance",
            "deep_jdot",
        ];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "jmmd_quadratic" => Joint(inputs, MeanEmbeddingEstimator.Unbiased),
            "jmmd_linear" => Joint(inputs, MeanEmbeddingEstimator.LinearTimeCircular),
            "lmmd" => Local(inputs),
            "log_coral_uncentred" => LogCorrelation(inputs),
            "coral_loss_mean_and_covariance" => MeanAndCovariance(inputs),
            "adaptive_feature_norm" => Loss(
                new AdaptiveFeatureNorm { Step = inputs.Number("delta") }.Of(inputs["features"])
            ),
            "batch_spectral_penalization" => Spectral(inputs),
            "deep_jdot" => Loss(
                new DeepJointDistributionOptimalTransport
                {
                    FeatureWeight = inputs.Number("reg_dist"),
                    LabelWeight = inputs.Number("reg_cl"),
                }.Between(
                    inputs["source_features"],
                    inputs["source_labels"],
                    inputs["target_features"],
                    inputs["target_logits"]
                )
            ),
            _ => Loss(
                new RepresentationSubspaceDistance(inputs.Number("trade_off")).Between(
                    inputs["source"],
                    inputs["target"]
                )
            ),
        };

    private static ParityResult Loss(Tensor loss) => new ParityResult().With("loss", loss);

    // TLLib adds the constant 2/(B-1), which belongs to no estimator: it is added here.
    private static ParityResult Joint(ParityInputs inputs, MeanEmbeddingEstimator estimator)
    {
        var discrepancy = new JointMaximumMeanDiscrepancy
        {
            Multipliers = inputs.ParameterTensor("layer1_alphas").to(float64).data<double>().ToArray(),
            ProbabilityWidth = inputs.Number("layer2_sigma"),
            Estimator = estimator,
        };
        var (source, target) = (inputs["source_layer1"], inputs["target_layer1"]);
        return Loss(
            discrepancy.Between((source, inputs["source_layer2"]), (target, inputs["target_layer2"]))
                + (2.0 / (source.shape[0] - 1))
        );
    }

    // DeepDA's widths are those of mmd_rbf_mean_bandwidth; its ramp is a schedule of the training.
    private static ParityResult Local(ParityInputs inputs)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        var (labels, probabilities) = (inputs["source_labels"], inputs["target_probabilities"]);
        var (factor, count) = (inputs.Number("kernel_mul"), inputs.Integer("kernel_num"));
        double rows = source.shape[0] + target.shape[0];
        var offDiagonal = rows / (rows - 1) / 2;
        var discrepancy = new LocalMaximumMeanDiscrepancy
        {
            Multipliers = [.. Enumerable.Range(0, count).Select(u => offDiagonal * Math.Pow(factor, u - (count / 2)))],
        };
        var loss = discrepancy.Between(source, labels, target, probabilities);
        return Loss(loss * inputs.Number("lambda")).With("loss_before_lambda", loss);
    }

    // salad does not center: rows mirrored at the origin have mean 0, and their scale turns the divisor 2n - 1 into
    // salad's n - 1.
    private static ParityResult LogCorrelation(ParityInputs inputs)
    {
        Tensor Mirrored(Tensor rows)
        {
            double n = rows.shape[0];
            return cat([rows, rows.neg()]) * Math.Sqrt(((2 * n) - 1) / (2 * (n - 1)));
        }
        return Loss(
            new LogCorrelationAlignment { Ridge = 0 }.Between(Mirrored(inputs["source"]), Mirrored(inputs["target"]))
        );
    }

    // TLLib's loss is the sum of two penalties that the library keeps apart, each as a mean over entries: the means'
    // gap and the covariances'.
    private static ParityResult MeanAndCovariance(ParityInputs inputs)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        var means = new MaximumMeanDiscrepancy(new LinearKernel()).Between(source, target) / source.shape[1];
        return Loss(means + (new DeepCorrelationAlignment().Between(source, target) * 4));
    }

    private static ParityResult Spectral(ParityInputs inputs)
    {
        var penalty = new BatchSpectralPenalization { Count = inputs.Integer("k") };
        return Loss(penalty.Of(inputs["source"]) + penalty.Of(inputs["target"]));
    }
}
