using TransferLearning.Mapping;
using TransferLearning.Tests.Parity;

namespace TransferLearning.Tests.Mapping;

/// <summary>Distances of samples as POT, ADAPT, pytorch-adapt and CMD's authors compute them.</summary>
public sealed class DistributionDistanceParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        [
            "cmd",
            "sinkhorn_divergence",
            "wasserstein_1d",
            "sliced_wasserstein",
            "sliced_wasserstein_squared",
            "domain_distances",
        ];

    public ParityResult Compute(ParityInputs inputs)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        switch (inputs.Function)
        {
            case "cmd":
                var moments = new CentralMomentDiscrepancy
                {
                    Moments = inputs.Integer("n_moments"),
                    RangeWidth = inputs.Number("interval_length"),
                };
                return new ParityResult().With("loss", moments.Between(source, target));
            case "sinkhorn_divergence":
                const string Reason = "inner workings: terms of the divergence, which pins them";
                var divergence = new SinkhornDivergence { Regularization = inputs.Number("reg"), Tolerance = 1e-13 };
                return new ParityResult()
                    .With("divergence", divergence.Between(source, target))
                    .Declines("cost_st", Reason)
                    .Declines("cost_ss", Reason)
                    .Declines("cost_tt", Reason);
            case "wasserstein_1d":
                var line = new FeaturewiseWasserstein { Power = inputs.Number("p") };
                return new ParityResult().With(
                    "wasserstein_p_to_the_p",
                    inputs.HasInput("source_weights")
                        ? line.Between(source, target, inputs["source_weights"], inputs["target_weights"])
                        : line.Between(source.unsqueeze(1), target.unsqueeze(1))
                );
            case "sliced_wasserstein":
                var rooted = new SlicedWasserstein { Power = inputs.Number("p"), TakesRoot = true };
                var distance = rooted.Between(source, target, inputs["projections"]);
                return new ParityResult().With("distance", distance).Differentiate(distance);
            case "sliced_wasserstein_squared":
                var squared = new SlicedWasserstein();
                return new ParityResult().With("loss", squared.Between(source, target, inputs["projections_raw"]));
            default:
                return new ParityResult()
                    .With("frechet_distance", new FrechetDistance().Between(source, target))
                    .With(
                        "normalized_frechet_distance",
                        new FrechetDistance { Normalizes = true }.Between(source, target)
                    )
                    .With("linear_discrepancy", new LinearDiscrepancy().Between(source, target))
                    .With(
                        "normalized_linear_discrepancy",
                        new LinearDiscrepancy { Normalizes = true }.Between(source, target)
                    )
                    .Declines("cov_distance", "Deep CORAL's is the covariance distance offered");
        }
    }
}
