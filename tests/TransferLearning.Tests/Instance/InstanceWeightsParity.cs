using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>Instance weights against ADAPT's and SKADA's.</summary>
public sealed class InstanceWeightsParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        [
            "kliep_original",
            "kliep_pg",
            "kliep_fw",
            "ulsif",
            "rulsif",
            "ldm",
            "density_ratio_kde",
            "density_ratio_gaussian",
            "nearest_neighbors_weighting",
            "iwc",
            "balanced_weighting",
            "weighted_gaussian_mmd",
        ];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "kliep_original" => KullbackLeibler(inputs, ImportanceSolver.FeasibleAscent),
            "kliep_pg" => KullbackLeibler(inputs, ImportanceSolver.ProjectedGradient),
            "kliep_fw" => KullbackLeibler(inputs, ImportanceSolver.FrankWolfe),
            "ulsif" or "rulsif" => LeastSquares(inputs),
            "ldm" => MinDiscrepancy(inputs),
            "density_ratio_kde" => Weights(
                new KernelDensityWeighting { Bandwidth = inputs.Number("bandwidth") }.Weigh(
                    inputs["source"],
                    inputs["target"]
                )
            ),
            "density_ratio_gaussian" => Weights(
                new GaussianDensityWeighting { Ridge = 0 }.Weigh(inputs["source"], inputs["target"])
            ),
            "nearest_neighbors_weighting" => Weights(
                new NearestNeighborWeighting { Neighbors = inputs.Integer("n_neighbors"), Smoothing = 0 }.Weigh(
                    inputs["source"],
                    inputs["target"]
                )
            ),
            "iwc" => Classifier(inputs),
            "weighted_gaussian_mmd" => WeightedGap(inputs),
            _ => Balanced(inputs),
        };

    private static ParityResult Weights(Tensor weights) => new ParityResult().With("weights", weights);

    // ADAPT sums over target rows where the library averages, and its gradient methods return the iterate before the
    // last step. Its centers are the target rows.
    private static ParityResult KullbackLeibler(ParityInputs inputs, ImportanceSolver solver)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        var isGradient = solver != ImportanceSolver.FrankWolfe;
        using var ratio = new KullbackLeiblerImportanceEstimation
        {
            Gammas = [inputs.Number("gamma")],
            MaxCenters = (int)target.shape[0],
            Solver = solver,
            MaxSteps = inputs.Integer("max_iter") - (isGradient ? 1 : 0),
            StepLength = isGradient ? inputs.Number("lr") * target.shape[0] : 1,
            Tolerance = inputs.Number("tol") / target.shape[0],
        }.Fit(source, target);
        var weights = ratio.At(source);
        return Weights(weights)
            .With("weights_mean", weights.mean())
            .With("objective_mean_log_target_weight", ratio.At(target).log().mean());
    }

    private static ParityResult LeastSquares(ParityInputs inputs)
    {
        // The recorded centers are the target rows in another order: given as the target, they order theta.
        using var ratio = new LeastSquaresImportanceFitting
        {
            RelativeShare = inputs.HasParameter("alpha") ? inputs.Number("alpha") : 0,
            Gammas = [inputs.Number("gamma")],
            Penalties = [inputs.Number("lambda")],
        }.Fit(inputs["source"], inputs["centers"]);
        return Weights(ratio.At(inputs["source"])).With("theta", ratio.Coefficients.clone());
    }

    // The paper's and ADAPT's weights have sum 1, the library's mean 1.
    private static ParityResult MinDiscrepancy(ParityInputs inputs)
    {
        var weights = new LinearDiscrepancyMinimization().Weigh(inputs["source"], inputs["target"]);
        var least = LinearDiscrepancyMinimization.Discrepancy(inputs["source"], inputs["target"], weights);
        return new ParityResult()
            .With("optimal_discrepancy", least)
            .With("achieved_spectral_radius", least)
            .With("weights_sum", weights.mean())
            .Declines("weights", "the best weights are not unique; their discrepancy and their sum are compared");
    }

    // scikit-learn penalizes a binary problem's one coefficient vector, the library both columns (plus and minus half
    // of it), and the library has the factor n/m of the paper.
    private static ParityResult Classifier(ParityInputs inputs)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        var odds = (double)source.shape[0] / target.shape[0];
        var logistic = new LogisticRegression
        {
            InversePenalty = inputs.Number("C") / 2,
            PenaltyScale = PenaltyScale.Absolute,
            Tolerance = 1e-10,
        };
        var weights = new ClassifierWeighting { Classifier = logistic }.Weigh(source, target) / odds;
        var domains = cat([ones(source.shape[0], int64), zeros(target.shape[0], int64)]);
        using var fitted = (LinearPredictor)logistic.Fit(new LabeledDomain(cat([source, target]), domains));
        return Weights(weights)
            .With("coefficients", fitted.Weight.select(1, 1) - fitted.Weight.select(1, 0))
            .With("intercept", fitted.Bias[1] - fitted.Bias[0]);
    }

    private static ParityResult WeightedGap(ParityInputs inputs)
    {
        var gap = new WeightedMaximumMeanDiscrepancy(new GaussianKernel(inputs.Number("gamma"))).Between(
            inputs["source"],
            inputs["target"],
            inputs["weights"]
        );
        return new ParityResult().With("mmd_squared", gap).Differentiate(gap);
    }

    private static ParityResult Balanced(ParityInputs inputs)
    {
        var (n, m) = (inputs.Integer("n_source"), inputs.Integer("n_target"));
        var (source, target) = new BalancedWeighting { TargetShare = inputs.Number("gamma") }.Weights(n, m);
        return Weights(cat([full(n, source, float64), full(m, target, float64)]));
    }
}
