using TransferLearning.Adversarial;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

/// <summary>The losses of DANN and ADDA, gradient reversal's ramps, and the gradient penalty.</summary>
public sealed class AdversarialParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        [
            "domain_adversarial_bce",
            "adda_loss",
            "dann_lambda_schedule",
            "grl_warm_start_coefficient",
            "wgan_gradient_penalty",
        ];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "domain_adversarial_bce" => DomainAdversarial(inputs),
            "adda_loss" => Inverted(inputs),
            "dann_lambda_schedule" => Ramp(inputs),
            "grl_warm_start_coefficient" => WarmStart(inputs),
            _ => Penalty(inputs),
        };

    private static ParityResult DomainAdversarial(ParityInputs inputs)
    {
        Tensor Judge(string domain) =>
            (
                GradientReversal.Apply(inputs[domain], inputs.Number("grl_coefficient")).matmul(inputs["critic_weight"])
                + inputs["critic_bias"]
            ).reshape(-1);
        var (source, target) = (Judge("source"), Judge("target"));
        var weights = inputs.HasInput("source_weights") ? inputs["source_weights"].reshape(-1) : null;
        var targetWeights = inputs.HasInput("target_weights") ? inputs["target_weights"].reshape(-1) : null;
        // TLLib halves the sum of the two means; the paper adds them.
        var result = new ParityResult()
            .With("loss", DomainAdversary.Loss(source, target, weights, targetWeights) / 2)
            .With("critic_probabilities", cat([source, target]).sigmoid())
            .Declines("discriminator_accuracy_percent", "a number for the peer's log, not part of the method");
        return IsSaturated(cat([source, target])) ? DeclineGradients(result) : result;
    }

    // Where p (1 - p) falls below 1e-12, torch's BCE of probabilities clamps it, and its gradient is no longer that of
    // the loss; from logits it is exact.
    private static bool IsSaturated(Tensor logits) =>
        (logits.sigmoid() * logits.neg().sigmoid()).min().item<double>() < 1e-12;

    private static ParityResult DeclineGradients(ParityResult result)
    {
        foreach (var input in new[] { "source", "target", "critic_weight", "critic_bias" })
        {
            result.Declines("gradient:" + input, "torch clamps the saturated derivative");
        }
        return result;
    }

    private static ParityResult Inverted(ParityInputs inputs)
    {
        var logits = inputs["probabilities"].logit();
        return new ParityResult()
            .With("loss_as_source", nn.functional.softplus(logits.neg()).mean())
            .With("loss_as_target", nn.functional.softplus(logits).mean());
    }

    private static ParityResult Ramp(ParityInputs inputs)
    {
        var ramp = Schedule.SigmoidRamp(inputs.Number("gamma"));
        var normalized = ramp.Times(1 / ramp.At(1));
        var progress = ParityJson
            .Tensor(inputs.Parameter("iterations"))
            .data<long>()
            .ToArray()
            .Select(iteration => Math.Min(1, iteration / inputs.Number("max_iter")))
            .ToArray();
        return new ParityResult()
            .With("lambda", tensor(progress.Select(ramp.At).ToArray()))
            .With("lambda_normalised", tensor(progress.Select(normalized.At).ToArray()));
    }

    // TLLib's warm start 2 (hi - lo) / (1 + exp(-a p)) - (hi - lo) + lo is our ramp of height hi - lo, moved up by lo.
    private static ParityResult WarmStart(ParityInputs inputs)
    {
        var (lo, hi) = (inputs.Number("lo"), inputs.Number("hi"));
        var ramp = Schedule.SigmoidRamp(inputs.Number("alpha"), hi - lo);
        var coefficients = ParityJson
            .Tensor(inputs.Parameter("iterations"))
            .data<long>()
            .ToArray()
            .Select(iteration => lo + ramp.At(iteration / inputs.Number("max_iters")));
        return new ParityResult().With("coefficients", tensor(coefficients.ToArray()));
    }

    private static ParityResult Penalty(ParityInputs inputs)
    {
        Tensor Judge(Tensor rows) =>
            (rows.matmul(inputs["critic_w1"]) + inputs["critic_b1"]).tanh().matmul(inputs["critic_w2"]);
        var (source, target, shares) = (inputs["source"], inputs["target"], inputs["alphas"]);
        return new ParityResult()
            .With("penalty_row_norm", GradientPenalty.Of(Judge, (shares * source) + ((1 - shares) * target)))
            .With("wasserstein_critic_gap", Judge(source).mean() - Judge(target).mean())
            .Declines(
                "penalty_zero_centred_domainbed_style",
                "another penalty (zero-centered), not that of WGAN-GP and WDGRL"
            )
            .Declines(
                "penalty_adapt_per_coordinate",
                "the peer reduces over no axis for 2-D features, which is not the paper's norm"
            );
    }
}
