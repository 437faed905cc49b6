using TransferLearning.SelfTraining;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfTraining;

/// <summary>Entropies, information, confusion, nuclear norm and pseudo-labels.</summary>
public sealed class SelfTrainingParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        [
            "entropy_minimisation",
            "information_maximisation",
            "minimum_class_confusion",
            "batch_nuclear_norm",
            "pseudo_label_loss",
            "class_confusion_consistency",
        ];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "entropy_minimisation" => Entropy(inputs["logits"]),
            "information_maximisation" => Information(inputs),
            "minimum_class_confusion" => new ParityResult()
                .With("loss", MinimumClassConfusion.Of(inputs["logits"], inputs.Number("temperature")))
                .Declines("loss_skada_variant", "skada's 1e-7 in place of 1e-5; the authors' program has 1e-5")
                .Declines("loss_pytorch_adapt", "the smallest number in place of 1e-5; the authors' program has 1e-5"),
            "batch_nuclear_norm" => new ParityResult()
                .With("loss", BatchNuclearNorm.Of(inputs["logits"], isPerRow: true))
                .With("loss_bnm_original_mean_singular_value", BatchNuclearNorm.Of(inputs["logits"]))
                .With("fast_bnm", BatchNuclearNorm.Of(inputs["logits"], isFast: true)),
            "pseudo_label_loss" => new ParityResult()
                .With(
                    "loss",
                    PseudoLabels.Of(inputs["logits"], inputs["pseudo_label_logits"], inputs.Number("threshold"))
                )
                .Declines("mask", "a step on the way to the loss, which is compared")
                .Declines("pseudo_labels", "a step on the way to the loss, which is compared"),
            _ => new ParityResult()
                .With(
                    "loss",
                    ClassConfusionConsistency.Of(
                        inputs["logits"],
                        inputs["strong_logits"],
                        inputs.Number("temperature"),
                        inputs.Number("threshold")
                    )
                )
                .Declines("kept_fraction", "a factor of the loss, which is compared"),
        };

    private static ParityResult Entropy(Tensor logits)
    {
        var exact = EntropyMinimization.Of(logits);
        return new ParityResult()
            .Differentiate(exact)
            .With("entropy_exact_mean", exact)
            .With("entropy_eps1e-5_mean", EntropyMinimization.Of(logits, 1e-5));
    }

    private static ParityResult Information(ParityInputs inputs)
    {
        var (logits, epsilon) = (inputs["logits"], inputs.Number("eps"));
        var diverse = InformationMaximization.Of(logits, 1, epsilon);
        var sure = InformationMaximization.Of(logits, 0, epsilon);
        return new ParityResult()
            .With("loss", diverse)
            .With("marginal_entropy", sure - diverse)
            .With("pytorch_adapt_entropy_loss", EntropyMinimization.Of(logits))
            .With(
                "pytorch_adapt_diversity_loss",
                InformationMaximization.Of(logits, 1, 0) - EntropyMinimization.Of(logits)
            );
    }
}
