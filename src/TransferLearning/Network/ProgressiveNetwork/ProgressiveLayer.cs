using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// One layer of a progressive column: <c>h = activation(transform(h_before) + sum_j lateral_j(h_before of column
/// j))</c>.
/// </summary>
/// <param name="Transform">The layer's own transform: linear or convolution.</param>
/// <param name="Activation">What follows the sum: nonlinearity, pooling, flattening; null for nothing.</param>
/// <param name="Laterals">
/// One adapter for each earlier column, whose outputs are added to the transform's; none in a first layer.
/// </param>
public sealed record ProgressiveLayer(
    nn.Module<Tensor, Tensor> Transform,
    nn.Module<Tensor, Tensor>? Activation = null,
    params IReadOnlyList<nn.Module<Tensor, Tensor>> Laterals
);
