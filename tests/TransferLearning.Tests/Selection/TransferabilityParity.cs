using TransferLearning.Selection;
using TransferLearning.Tests.Parity;

namespace TransferLearning.Tests.Selection;

/// <summary>Transferability scores, as TLLib and LogME's authors compute them.</summary>
public sealed class TransferabilityParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        ["leep", "nce", "logme_classification", "logme_regression", "h_score", "transrate", "rankme"];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "leep" => One("leep", LogExpectedEmpiricalPrediction.Of(inputs["source_probabilities"], inputs["labels"])),
            "nce" => One("nce", NegativeConditionalEntropy.Of(inputs["source_labels"], inputs["target_labels"])),
            "logme_classification" => One(
                    "logme_tllib",
                    new LogMaximumEvidence { Offset = 0 }.Of(inputs["features"], inputs["labels"])
                )
                .With("logme_thuml_icml", new LogMaximumEvidence().Of(inputs["features"], inputs["labels"]))
                .Declines("logme_thuml_fixed_point", "another program of the authors' that stops at 1e-3")
                .Declines("weights_tllib", "the evidence is asked for, not the classifier"),
            "logme_regression" => One(
                    "logme_tllib",
                    new LogMaximumEvidence { Offset = 0 }.OfValues(inputs["features"], inputs["targets"])
                )
                .Declines("logme_thuml_fixed_point", "another program of the authors' that stops at 1e-3"),
            "h_score" => One("h_score", new HScore { IsRegularized = false }.Of(inputs["features"], inputs["labels"]))
                .With("regularized_h_score", new HScore().Of(inputs["features"], inputs["labels"]))
                .Declines("ledoit_wolf_shrinkage", "a step of the regularized score, which is compared"),
            "transrate" => One(
                "transrate",
                new TransRate { Epsilon = inputs.Number("eps") }.Of(inputs["features"], inputs["labels"])
            ),
            _ => One("rankme", EffectiveRank.Of(inputs["features"], inputs.Number("eps"))),
        };

    private static ParityResult One(string name, double value) => new ParityResult().With(name, value);
}
