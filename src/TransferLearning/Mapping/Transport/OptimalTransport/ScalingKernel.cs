using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The kernel <c>K_ij = exp((f_i + g_j - C_ij) / width)</c> and the scalings u, v that are iterated on it.
/// </summary>
/// <remarks>
/// A round is <c>u = a / K v</c>, <c>v = b / K' u</c>. On the CPU it goes over K once: a block of rows that stays in
/// the cache gives its part of u and adds to <c>K' u</c> at once.
/// </remarks>
internal sealed class ScalingKernel
{
    private const long BytesOfBlock = 1 << 20;

    private readonly Tensor a;
    private readonly Tensor b;
    private readonly Tensor kernel;
    private readonly Tensor rowScale;
    private readonly Tensor previous;
    private readonly Tensor columnScale;
    private readonly Tensor image;
    private readonly Tensor sums;
    private readonly List<Block> blocks = [];

    /// <summary>
    /// A kernel without values: call <see cref="Absorb"/> first. Its tensors belong to the caller's scope.
    /// </summary>
    public ScalingKernel(Tensor cost, Tensor a, Tensor b)
    {
        (this.a, this.b) = (a, b);
        kernel = empty(cost.shape, dtype: cost.dtype, device: cost.device);
        (rowScale, previous, image) = (ones_like(a), ones_like(a), ones_like(a));
        (columnScale, sums) = (ones_like(b), ones_like(b));
        var (n, m) = (cost.shape[0], cost.shape[1]);
        var length = cost.device_type == DeviceType.CPU ? Math.Max(1, BytesOfBlock / (sizeof(double) * m)) : n;
        for (long start = 0; start < n; start += length)
        {
            var count = Math.Min(length, n - start);
            Tensor Part(Tensor of) => of.narrow(0, start, count);
            var rows = Part(kernel);
            blocks.Add(new Block(start, count, Part(cost), rows, rows.t(), Part(a), Part(rowScale), Part(image)));
        }
    }

    /// <summary>Makes the kernel of other potentials and sets both scalings to 1.</summary>
    public void Absorb(Tensor f, Tensor g, double width)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = (f.unsqueeze(1) / width, g / width);
        foreach (var block in blocks)
        {
            Canceling.Check();
            block.Kernel.copy_(block.Cost).mul_(-1 / width).add_(rows.narrow(0, block.Start, block.Count));
            block.Kernel.add_(columns).exp_();
        }
        rowScale.fill_(1);
        columnScale.fill_(1);
    }

    /// <summary>
    /// The first half of a round, the pass over K: new u, and with it <c>K' u</c>. The scalings from before stay at
    /// hand.
    /// </summary>
    public void Pass()
    {
        previous.copy_(rowScale);
        sums.fill_(0);
        foreach (var block in blocks)
        {
            Canceling.Check();
            block.Image.addmv_(block.Kernel, columnScale, beta: 0);
            block.RowScale.copy_(block.Mass).div_(block.Image);
            sums.addmv_(block.Transposed, block.RowScale);
        }
    }

    /// <summary>
    /// How far the scalings from before the pass miss the row masses, summed; they meet the column masses.
    /// </summary>
    public double MissedBefore()
    {
        using var scope = NewDisposeScope();
        return ((previous * image) - a).abs().sum().item<double>();
    }

    /// <summary>The second half of a round: new v.</summary>
    public void Advance() => columnScale.copy_(b).div_(sums);

    /// <summary>Undoes the pass.</summary>
    public void Return() => rowScale.copy_(previous);

    /// <summary>The logarithms of the scalings; they belong to the caller's scope.</summary>
    public (Tensor Rows, Tensor Columns) Logs() => (Logs(rowScale), Logs(columnScale));

    /// <summary>
    /// The plan <c>diag(u) K diag(v)</c>, in the kernel's place; it belongs to the scope that the kernel was made in.
    /// </summary>
    public Tensor Plan()
    {
        using var scope = NewDisposeScope();
        foreach (var block in blocks)
        {
            Canceling.Check();
            block.Kernel.mul_(block.RowScale.unsqueeze(1)).mul_(columnScale);
        }
        return kernel;
    }

    private static Tensor Logs(Tensor scale) => scale.clamp_min(1e-300).log();

    private sealed record Block(
        long Start,
        long Count,
        Tensor Cost,
        Tensor Kernel,
        Tensor Transposed,
        Tensor Mass,
        Tensor RowScale,
        Tensor Image
    );
}
