using TransferLearning;
using static TorchSharp.torch;

namespace Serving;

/// <summary>What a server keeps: the model, and the rows that it was adapted to.</summary>
/// <param name="Model">The model.</param>
/// <param name="Target">The target's rows <c>[n, d]</c>.</param>
internal sealed record AdaptedService(AdaptedModel Model, Tensor Target) : IDisposable
{
    public void Dispose()
    {
        Model.Dispose();
        Target.Dispose();
    }
}

/// <summary>The body of a request: some rows, all of one width.</summary>
/// <param name="Values">The rows.</param>
internal sealed record Rows(float[][] Values);

/// <summary>The body of an answer.</summary>
/// <param name="Classes">The most likely class of each row.</param>
/// <param name="Probabilities">The probabilities of each row's classes.</param>
internal sealed record Answer(long[] Classes, double[][] Probabilities);
