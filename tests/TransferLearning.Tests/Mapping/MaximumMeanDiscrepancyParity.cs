using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>The mean discrepancies of five libraries.</summary>
public sealed class MaximumMeanDiscrepancyParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        [
            "mk_mmd_quadratic",
            "mk_mmd_linear",
            "mmd_linear_time_pytorch_adapt",
            "mmd_unbiased_median_pytorch_adapt",
            "mmd_multi_gamma_biased",
            "mmd_rbf_mean_bandwidth",
            "mmd_rbf_unbiased_sigma_mixture",
            "gaussian_mmd_biased",
            "linear_kernel_mmd",
            "polynomial_kernel_mmd_biased",
        ];

    public ParityResult Compute(ParityInputs inputs)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        Tensor Between(IDiscrepancy discrepancy) => discrepancy.Between(source, target);
        IDiscrepancy Gaussians(MeanEmbeddingEstimator estimator, params IReadOnlyList<double> gammas) =>
            new MaximumMeanDiscrepancy([.. gammas.Select(gamma => (IKernel)new GaussianKernel(gamma))])
            {
                Estimator = estimator,
            };
        return inputs.Function switch
        {
            "mk_mmd_quadratic" => TransferLearningLibrary(inputs, MeanEmbeddingEstimator.Unbiased),
            "mk_mmd_linear" => TransferLearningLibrary(inputs, MeanEmbeddingEstimator.LinearTimeCircular),
            "mmd_linear_time_pytorch_adapt" => PytorchAdapt(inputs, MeanEmbeddingEstimator.LinearTime),
            "mmd_unbiased_median_pytorch_adapt" => PytorchAdapt(inputs, MeanEmbeddingEstimator.Unbiased),
            "mmd_multi_gamma_biased" => new ParityResult().With(
                "loss",
                Between(
                    Gaussians(
                        MeanEmbeddingEstimator.Biased,
                        ParityJson.Tensor(inputs.Parameter("gammas")).data<double>().ToArray()
                    )
                )
            ),
            "mmd_rbf_mean_bandwidth" => DeepDomainAdaptation(inputs),
            "mmd_rbf_unbiased_sigma_mixture" => new ParityResult().With(
                "loss",
                Between(
                    Gaussians(
                        MeanEmbeddingEstimator.Unbiased,
                        [.. Sigmas(inputs).Select(sigma => 1 / (2 * sigma * sigma))]
                    )
                )
            ),
            "gaussian_mmd_biased" => Squared(Gaussians(MeanEmbeddingEstimator.Biased, inputs.Number("gamma"))),
            "linear_kernel_mmd" => Squared(new MaximumMeanDiscrepancy(new LinearKernel())),
            _ => Squared(
                new MaximumMeanDiscrepancy(
                    new PolynomialKernel(inputs.Integer("degree"), inputs.Number("gamma"), inputs.Number("coef0"))
                )
            ),
        };

        ParityResult Squared(IDiscrepancy discrepancy)
        {
            var value = Between(discrepancy);
            return new ParityResult().With("mmd_squared", value).Differentiate(value);
        }
    }

    private static double[] Sigmas(ParityInputs inputs) =>
        ParityJson.Tensor(inputs.Parameter("sigmas")).to(float64).data<double>().ToArray();

    // TLLib adds the constant 2/(B-1), which belongs to no estimator: it is added here.
    private static ParityResult TransferLearningLibrary(ParityInputs inputs, MeanEmbeddingEstimator estimator)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        var hasFixedWidths = inputs.HasParameter("sigmas");
        var discrepancy = new MultiKernelMaximumMeanDiscrepancy
        {
            Estimator = estimator,
            Multipliers = hasFixedWidths
                ? [.. Sigmas(inputs).Select(sigma => sigma * sigma)]
                : ParityJson.Tensor(inputs.Parameter("alphas")).to(float64).data<double>().ToArray(),
            SquaredWidth = hasFixedWidths ? 1 : null,
        };
        return new ParityResult()
            .With("loss", discrepancy.Between(source, target) + (2.0 / (source.shape[0] - 1)))
            .Declines("sigma_squared", "the widths are inner workings; the loss and its gradient pin them");
    }

    // pytorch-adapt averages its kernels, writes scale * D / h in the exponent, and reads h (a lower median) off the
    // source alone.
    private static ParityResult PytorchAdapt(ParityInputs inputs, MeanEmbeddingEstimator estimator)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        var scales = ParityJson.Tensor(inputs.Parameter("kernel_scales")).data<double>().ToArray();
        var width =
            inputs.Parameter("bandwidth").ValueKind == System.Text.Json.JsonValueKind.Number
                ? inputs.Number("bandwidth")
                : SquaredDistances.Between(source.detach(), source.detach()).median().item<double>();
        var discrepancy = new MultiKernelMaximumMeanDiscrepancy
        {
            Estimator = estimator,
            Multipliers = [.. scales.Select(scale => 1 / (2 * scale))],
            SquaredWidth = width,
        };
        return new ParityResult().With("loss", discrepancy.Between(source, target) / scales.Length);
    }

    // DeepDA divides by the mean off-diagonal distance without the factor 2, in powers of kernel_mul around its middle.
    private static ParityResult DeepDomainAdaptation(ParityInputs inputs)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        var (factor, count) = (inputs.Number("kernel_mul"), inputs.Integer("kernel_num"));
        double rows = source.shape[0] + target.shape[0];
        var offDiagonal = rows / (rows - 1) / 2;
        var discrepancy = new MultiKernelMaximumMeanDiscrepancy
        {
            Estimator = MeanEmbeddingEstimator.Biased,
            Multipliers = [.. Enumerable.Range(0, count).Select(u => offDiagonal * Math.Pow(factor, u - (count / 2)))],
        };
        return new ParityResult().With("loss", discrepancy.Between(source, target));
    }
}
