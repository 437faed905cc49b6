using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// Spectral normalization: a linear or convolutional layer that computes with its weight over the weight's largest
/// singular value, so that a critic of such layers cannot become arbitrarily steep.
/// </summary>
/// <remarks>
/// <para>
/// <c>y = (W / sigma) x + b</c> with <c>sigma = u' W v</c>, W as a matrix with one row an output; before each pass in
/// training mode u and v take <see cref="PowerIterations"/> steps <c>v = W' u / |W' u|</c>, <c>u = W v / |W v|</c>, and
/// are constants for the gradient, which reaches W through both W and sigma (Miyato, Kataoka, Koyama and Yoshida 2018,
/// "Spectral Normalization for Generative Adversarial Networks", algorithm 1, and <c>torch.nn.utils.spectral_norm</c>).
/// They start from fifteen steps, as PyTorch's parametrization does. A convolution's bound is that of its matrix, not
/// of the operator on images (the paper's choice).
/// </para>
/// <para>
/// The layer is a child, and keeps its parameters: <c>layer.weight</c> is W itself. u and v are buffers, saved with the
/// module. Wrap every layer of a critic but its activations.
/// </para>
/// </remarks>
public sealed class SpectralNormalization : nn.Module<Tensor, Tensor>
{
    private const int FirstIterations = 15;
    private readonly nn.Module<Tensor, Tensor> layer;

    /// <summary>Wraps a layer.</summary>
    /// <param name="layer">
    /// A <see cref="Linear"/> layer or a convolution, not a transposed one; it belongs to this module from here on.
    /// </param>
    /// <param name="powerIterations">Steps of the power iteration a pass, at least 1. Default 1, the paper's.</param>
    /// <param name="key">What u and v are drawn from.</param>
    /// <exception cref="ArgumentException">The layer is of another kind.</exception>
    public SpectralNormalization(nn.Module<Tensor, Tensor> layer, int powerIterations = 1, RandomKey key = default)
        : base(nameof(SpectralNormalization))
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentOutOfRangeException.ThrowIfLessThan(powerIterations, 1);
        if (layer is not (Linear or Convolution { transposed: false }))
        {
            throw new ArgumentException(
                $"layer must be a Linear layer or a convolution that is not transposed; got {layer.GetName()}.",
                nameof(layer)
            );
        }
        (this.layer, PowerIterations) = (layer, powerIterations);
        register_module("layer", layer);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var generator = key.Generator();
        var weight = Matrix(Weight);
        Tensor Drawn(long size) =>
            nn.functional.normalize(
                randn([size], dtype: float32, generator: generator).to(weight.dtype).to(weight.device),
                dim: 0
            );
        var (u, v) = Iterated(weight, Drawn(weight.shape[0]), FirstIterations);
        register_buffer("u", u.DetachFromDisposeScope());
        register_buffer("v", v.DetachFromDisposeScope());
    }

    /// <summary>Steps of the power iteration before each pass in training mode.</summary>
    public int PowerIterations { get; }

    private Parameter Weight =>
        layer switch
        {
            Linear linear => linear.weight!,
            Convolution convolution => convolution.weight,
            _ => throw new InvalidOperationException(),
        };

    private Parameter? Bias => layer is Linear linear ? linear.bias : ((Convolution)layer).bias;

    /// <summary>
    /// A critic of linear layers that are all spectrally normalized, with leaky ReLUs of slope 0.1 between them, the
    /// paper's.
    /// </summary>
    /// <param name="widths">The features' width, then that of each hidden layer; one number at least.</param>
    /// <param name="powerIterations">Steps of the power iteration a pass, at least 1. Default 1, the paper's.</param>
    /// <returns>A part that can be replicated; the caller disposes it.</returns>
    public static ModulePart Critic(IReadOnlyList<long> widths, int powerIterations = 1)
    {
        ArgumentNullException.ThrowIfNull(widths);
        ArgumentOutOfRangeException.ThrowIfZero(widths.Count, nameof(widths));
        foreach (var width in widths)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(width, 1, nameof(widths));
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(powerIterations, 1);
        return new ModulePart(() =>
        {
            var layers = new List<nn.Module<Tensor, Tensor>>();
            for (var i = 0; i < widths.Count; i++)
            {
                var outputs = i + 1 < widths.Count ? widths[i + 1] : 1;
                var key = new RandomKey(i);
                layers.Add(new SpectralNormalization(nn.Linear(widths[i], outputs), powerIterations, key));
                if (i + 1 < widths.Count)
                {
                    layers.Add(nn.LeakyReLU(0.1));
                }
            }
            return nn.Sequential(layers);
        });
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        Guard.Alive(input);
        using var scope = NewDisposeScope();
        var weight = Matrix(Weight);
        var (u, v) = (get_buffer("u")!, get_buffer("v")!);
        if (training)
        {
            using var quiet = no_grad();
            var (nextU, nextV) = Iterated(weight, u, PowerIterations);
            u.copy_(nextU);
            v.copy_(nextV);
        }
        // Copies: another pass before the backward one writes over the buffers.
        var sigma = u.clone().dot(weight.mv(v.clone()));
        // The layer is linear: dividing what it makes of the input is dividing its weight, whatever strides and
        // paddings it has.
        var output = layer.call(input);
        if (Bias is not { } bias)
        {
            return (output / sigma).MoveToOuterDisposeScope();
        }
        var places = layer is Linear ? bias : bias.reshape([-1, .. Enumerable.Repeat(1L, Weight.shape.Length - 2)]);
        return (((output - places) / sigma) + places).MoveToOuterDisposeScope();
    }

    private static Tensor Matrix(Tensor weight) => weight.flatten(1);

    private static (Tensor U, Tensor V) Iterated(Tensor weight, Tensor u, int iterations)
    {
        var matrix = weight.detach();
        var v = u;
        for (var i = 0; i < iterations; i++)
        {
            Canceling.Check();
            v = nn.functional.normalize(matrix.t().mv(u), dim: 0);
            u = nn.functional.normalize(matrix.mv(v), dim: 0);
        }
        return (u, v);
    }
}
