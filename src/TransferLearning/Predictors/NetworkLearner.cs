using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// A network as a shallow learner: every fit builds a fresh one and trains it on the labeled rows, by cross-entropy,
/// binary cross-entropy (multi-label) or squared error (values), weights included.
/// </summary>
/// <remarks>
/// So that whatever is made of learners, boosting above all, can be made of networks. The same rows give the same
/// network: initial values, batches and dropout come from the seed.
/// </remarks>
/// <param name="build">
/// Makes a network from rows to scores <c>[n, classes]</c> or values <c>[n, k]</c>; it draws its initial values from
/// TorchSharp's global generator, as modules do.
/// </param>
public sealed class NetworkLearner(Func<nn.Module<Tensor, Tensor>> build) : ILabelLearner
{
    private readonly Func<nn.Module<Tensor, Tensor>> build = build ?? throw new ArgumentNullException(nameof(build));

    /// <summary>How long and by what optimizer each network is trained.</summary>
    public TrainingOptions Options { get; init; } = new();

    /// <summary>The seed of initial values, batches and dropout.</summary>
    public long Seed { get; init; }

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        using var recording = new Recording();
        var network = Built();
        try
        {
            IObjective fit =
                data.Space.IsClasses ? new CrossEntropy()
                : data.Space.IsMultiLabel ? new BinaryCrossEntropy()
                : new SquaredError();
            new AdaptationBuilder()
                .Add(
                    new NetworkTraining(new Rows(), network)
                        .With(Options)
                        .Phase(phase => phase.Move(network).Minimize(fit))
                )
                .Fit(data, data.WithoutLabels(), new FitOptions { Seed = Seed })
                .Dispose();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private ModulePart Built()
    {
        using var callers = new GlobalRandomness();
        GlobalRandomness.Seed(new RandomKey(Seed));
        return new ModulePart(build) { IsOfResult = true };
    }

    /// <summary>The rows as they are.</summary>
    private sealed class Rows : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs) => inputs.alias();
    }
}
