using TransferLearning.Kernels;
using TransferLearning.Predictors;
using TransferLearning.Tests.Parity;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Theory;

/// <summary>
/// The proxy A-distance, as transferlearning and BDA's authors compute it by scikit-learn's machines.
/// </summary>
public sealed class ProxyADistanceParity : IParityAdapter
{
    private static readonly double[] Errors = [0, 0.1, 0.25, 0.5];

    public IEnumerable<string> Functions => ["proxy_a_distance"];

    public ParityResult Compute(ParityInputs inputs)
    {
        var (source, target) = (inputs["source"], inputs["target"]);
        // C counts the rows' sum of losses; the library's is the same on the halves that a machine is fitted to.
        var halves = new ProxyADistance
        {
            Judged = JudgedRows.SecondHalf,
            Learners =
            [
                .. Enumerable
                    .Range(-5, 10)
                    .Select(power => new SupportVectorMachine
                    {
                        Kernel = new LinearKernel(),
                        InversePenalty = Math.Pow(10, power),
                        PenaltyScale = PenaltyScale.Absolute,
                    }),
            ],
        };
        var fitted = new ProxyADistance
        {
            Judged = JudgedRows.Fitted,
            Learners =
            [
                new LinearSupportVectorMachine { PenaltyScale = PenaltyScale.Absolute, PenalizesIntercept = true },
            ],
        };
        return new ParityResult()
            .With("proxy_a_distance_half_split", halves.Between(source, target))
            .With("proxy_a_distance_linear_svc_train_error", fitted.Between(source, target))
            .With("definition_examples_distance", tensor(Errors.Select(ProxyADistance.FromError).ToArray()))
            .Declines("definition_examples_error", "what the distances are computed from");
    }
}
