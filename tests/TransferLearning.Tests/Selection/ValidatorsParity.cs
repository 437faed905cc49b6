using TransferLearning.Selection;
using TransferLearning.Tests.Parity;

namespace TransferLearning.Tests.Selection;

/// <summary>Validators, as pytorch-adapt, SKADA and the authors of SND compute them.</summary>
public sealed class ValidatorsParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        ["entropy_diversity_im_validators", "snd", "mano_score", "silhouette_score", "dev_risk"];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "entropy_diversity_im_validators" => new ParityResult()
                .With("entropy_validator", PredictionEntropy.Of(inputs["probabilities"]))
                .With("diversity_validator", PredictionDiversity.Of(inputs["probabilities"]))
                .With("im_validator", PredictionInformation.Of(inputs["probabilities"])),
            "snd" => Density(inputs),
            "mano_score" => new ParityResult()
                .With("score", new MatrixNormScore().Of(inputs["logits"]))
                .Declines("criterion", "a step of the score, which is compared")
                .Declines("normalisation", "a step of the score, which is compared"),
            "silhouette_score" => new ParityResult().With(
                "silhouette",
                ClusterSilhouette.Of(inputs["features"], inputs["labels"])
            ),
            _ => Risk(inputs),
        };

    private static ParityResult Density(ParityInputs inputs)
    {
        var score = new SoftNeighborhoodDensity { Temperature = inputs.Number("T") };
        var exact = (score with { Offset = 0 }).Of(inputs["probabilities"]);
        return new ParityResult()
            .With("snd_original", score.Of(inputs["probabilities"]))
            .With("snd_skada", exact)
            .With("snd_pytorch_adapt", exact);
    }

    private static ParityResult Risk(ParityInputs inputs)
    {
        var (weights, errors) = (inputs["weights"], inputs["errors"]);
        return new ParityResult()
            .With("risk_none", DeepEmbeddedValidation.Risk(weights, errors))
            .With("risk_max", DeepEmbeddedValidation.Risk(weights, errors, RiskNormalization.Largest))
            .With("risk_standardize", DeepEmbeddedValidation.Risk(weights, errors, RiskNormalization.Standardized))
            .Declines("risk_iwcv", "the plain mean of w e, a score by HasControlVariate")
            .Declines("risk_self_normalised", "no published validator divides by the sum of the weights")
            .Declines("eta", "a step of the risk, which is compared");
    }
}
