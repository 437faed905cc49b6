using TransferLearning.Instance;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>
/// The weights of partial domain adaptation, by classes (PADA) and by a critic (IWAN), against TLLib's.
/// </summary>
public sealed class PartialWeightsParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["pada_class_weights", "iwan_weights"];

    public ParityResult Compute(ParityInputs inputs) =>
        string.Equals(inputs.Function, "pada_class_weights", StringComparison.Ordinal)
            ? ByClasses(inputs)
            : ByCritic(inputs);

    private static ParityResult ByClasses(ParityInputs inputs)
    {
        var weights = new TargetClassWeights { Temperature = inputs.Number("temperature") }.Of(inputs["target_logits"]);
        return new ParityResult()
            .With("class_weights", weights)
            .With("adversarial_source_weights", weights.index_select(0, inputs["source_labels"]))
            .Declines("adversarial_target_weight", "in the paper's objective target rows weigh 1");
    }

    // TLLib adds 1e-5 to the mean of p(target | x), which the paper does not.
    private static ParityResult ByCritic(ParityInputs inputs)
    {
        var probabilities = inputs["discriminator_source_probability"];
        var mean = 1 - probabilities.mean();
        var logits = probabilities.logit();
        var domain = new LabeledDomain(logits, zeros(logits.shape[0], int64), space: LabelSpace.Classes(1));
        var weights = new CriticWeighting(nn.Identity().AsPart()) { IsBounded = true }.Weigh(
            domain,
            domain.WithoutLabels(),
            new FitContext()
        );
        return new ParityResult().With("weights", (weights * (mean / (mean + inputs.Number("eps")))).unsqueeze(1));
    }
}
