#pragma warning disable TL1001 // experimental methods are tested, too
using TransferLearning.Adversarial;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

/// <summary>
/// Adversaries of classifiers: conditional critics, classifier and margin discrepancies, confusion, self-information,
/// worst cases.
/// </summary>
public sealed class ClassifierAdversaryParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        [
            "cdan_loss",
            "cdan_multilinear_map",
            "cdan_randomized_map",
            "cdan_entropy_loss_per_domain",
            "mcd_classifier_discrepancy",
            "mdd_classification",
            "mdd_regression",
            "domain_confusion",
            "advent_entropy_map",
            "dst_worst_case",
        ];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "cdan_loss" => Conditional(inputs),
            "cdan_multilinear_map" => Mapped(inputs, MultilinearMap.Of(inputs["features"], inputs["probabilities"])),
            "cdan_randomized_map" => Mapped(
                inputs,
                RandomizedMultilinearMap.Of(
                    inputs["features"],
                    inputs["probabilities"],
                    inputs["random_features"],
                    inputs["random_classes"]
                )
            ),
            "cdan_entropy_loss_per_domain" => PerDomain(inputs),
            "mcd_classifier_discrepancy" => new ParityResult()
                .With("loss", ClassifierDiscrepancy.Of(inputs["logits1"], inputs["logits2"]))
                .Declines(
                    "tllib_mcd_entropy_of_probabilities1",
                    "TLLib's own term, a class balance by another name; ClassBalance is the one offered"
                ),
            "mdd_classification" => new ParityResult().With(
                "loss",
                MarginDisparity.Of(
                    inputs["source_logits"],
                    inputs["source_adversarial_logits"],
                    inputs["target_logits"],
                    inputs["target_adversarial_logits"],
                    inputs.Number("margin")
                )
            ),
            "mdd_regression" => new ParityResult().With(
                "loss",
                ValueDisparity.Of(
                    inputs["source"],
                    inputs["source_adversarial"],
                    inputs["target"],
                    inputs["target_adversarial"],
                    inputs.Number("margin")
                )
            ),
            "domain_confusion" => new ParityResult().With("loss", DomainConfusion.Of(inputs["domain_logits"])),
            "advent_entropy_map" => Information(inputs["logits"]),
            _ => new ParityResult().With(
                "loss",
                WorstCaseHead.Of(
                    inputs["labeled_logits"],
                    inputs["labeled_adversarial_logits"],
                    inputs["unlabeled_logits"],
                    inputs["unlabeled_adversarial_logits"],
                    inputs.Number("eta_prime")
                )
            ),
        };

    private static ParityResult Mapped(ParityInputs inputs, Tensor mapped) =>
        new ParityResult().With("mapped", mapped).Differentiate((mapped * inputs["upstream"]).sum());

    // TLLib takes the mean over both batches, which are of one size: half of the two means' sum.
    private static ParityResult Conditional(ParityInputs inputs)
    {
        var features = cat([inputs["source_features"], inputs["target_features"]]);
        var scores = cat([inputs["source_logits"], inputs["target_logits"]]);
        var reversed = GradientReversal.Apply(features, inputs.Number("grl_coefficient"));
        var joint = MultilinearMap.Of(reversed, scores.detach().softmax(1));
        var judged = (joint.matmul(inputs["critic_weight"]) + inputs["critic_bias"]).reshape(-1).chunk(2);
        var sure = ConditionalDomainAdversary.EntropyWeights(scores);
        var loss = inputs.Flag("entropy_conditioning")
            ? DomainAdversary.Loss(judged[0], judged[1], sure.chunk(2)[0], sure.chunk(2)[1])
            : DomainAdversary.Loss(judged[0], judged[1]);
        return new ParityResult().With("loss", loss / 2).With("entropy_weights_if_used", sure);
    }

    private static ParityResult PerDomain(ParityInputs inputs)
    {
        var scores = inputs["logits_source_then_target"];
        var joint = MultilinearMap.Of(inputs["features_source_then_target"], scores.detach().softmax(1));
        var judged = joint.matmul(inputs["critic_weight"]).reshape(-1).chunk(2);
        var sure = scores
            .chunk(2)
            .Select(some =>
                ConditionalDomainAdversary.EntropyWeights(some, inputs.Number("entropy_gradient_coefficient"))
            )
            .ToList();
        // The authors' program divides by the sum of both domains' weights, which is 2.
        return new ParityResult().With("loss", DomainAdversary.Loss(judged[0], judged[1], sure[0], sure[1]) / 2);
    }

    private static ParityResult Information(Tensor logits)
    {
        var map = SelfInformation.Of(logits);
        var entropy = map.sum(1).mean();
        return new ParityResult()
            .Differentiate(entropy)
            .With("weighted_self_information", map)
            .With("entropy_loss_mean", entropy)
            .With("adversarial_loss_identity_critic_source", nn.functional.softplus(map.neg()).mean())
            .With("adversarial_loss_identity_critic_target", nn.functional.softplus(map).mean());
    }
}
