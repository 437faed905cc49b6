using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>JDA, BDA and W-BDA as the transferlearning repository writes them, round by round.</summary>
public sealed class ClassMeanAlignmentParity : IParityAdapter
{
    private const string Overwritten =
        "from the third round on the peer's class loop has overwritten the vector of domain means: the first two "
        + "rounds are the paper's";

    private const string OneSided =
        "from the second round on the peer weights target class means alone, by a ratio of shares, and drops the "
        + "domains' term: the first round is the paper's";

    public IEnumerable<string> Functions => ["jda", "bda", "wbda"];

    public ParityResult Compute(ParityInputs inputs)
    {
        var (source, target) = (
            TransferComponentAnalysisParity.Unit(inputs["source"]),
            TransferComponentAnalysisParity.Unit(inputs["target"])
        );
        var labels = inputs["source_labels"];
        var truth = inputs["target_labels"];
        var least = labels.min().item<long>(); // classes are numbered from 1
        var domain = new LabeledDomain(source, labels - least);
        var all = inputs.Integer("iterations");
        var right = Math.Min(all, inputs.Function == "wbda" ? 1 : 2);
        var (accuracies, eigenvalues) = (new List<Tensor>(), new List<Tensor>());
        Tensor? pseudo = null;
        for (var rounds = 1; rounds <= right; rounds++)
        {
            using var map = Fit(inputs, domain, target, rounds);
            var learned = TransferComponentAnalysisParity.Unit(map.Extract(source));
            var predictor = new NearestNeighbor().Fit(domain.WithInputs(learned));
            pseudo = predictor.Predict(TransferComponentAnalysisParity.Unit(map.Extract(target))).argmax(1) + least;
            accuracies.Add(pseudo.eq(truth).to(float64).mean());
            eigenvalues.Add(map.Eigenvalues.reciprocal());
        }
        var reason = inputs.Function == "wbda" ? OneSided : Overwritten;
        var result = new ParityResult()
            .WithLeading("accuracy_per_iteration", stack([.. accuracies]), reason)
            .WithLeading("smallest_eigenvalues_per_iteration", stack([.. eigenvalues]), reason)
            .Declines(
                "frobenius_norm_of_KMK_plus_lambdaI_per_iteration",
                "inner workings; the eigenvalues and labels pin them"
            );
        return right == all
            ? result.With("target_pseudo_labels", pseudo!)
            : result.Declines("target_pseudo_labels", reason);
    }

    private static KernelMap Fit(ParityInputs inputs, LabeledDomain source, Tensor target, int rounds)
    {
        var kernel = TransferComponentAnalysisParity.Kernel(inputs);
        var (components, ridge) = (inputs.Integer("dim"), inputs.Number("lambda"));
        if (inputs.Function == "jda")
        {
            return new JointDistributionAdaptation
            {
                Kernel = kernel,
                Components = components,
                Ridge = ridge,
                PenaltyScale = PenaltyScale.Absolute,
                Rounds = rounds,
            }.Fit(source, target);
        }
        return new BalancedDistributionAdaptation
        {
            Kernel = kernel,
            Components = components,
            Ridge = ridge,
            PenaltyScale = PenaltyScale.Absolute,
            Rounds = rounds,
            Balance = inputs.Number("mu"),
            WeighsClasses = inputs.Function == "wbda",
        }.Fit(source, target);
    }
}
