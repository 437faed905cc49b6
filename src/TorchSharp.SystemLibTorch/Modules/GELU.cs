using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>x times the normal distribution function at x, or its tanh approximation.</summary>
public sealed class GELU : ParameterLessModule<Tensor, Tensor>
{
    internal GELU(Approximate approximate, bool inplace)
        : base(nameof(GELU))
    {
        this.approximate = approximate;
        this.inplace = inplace;
    }

    public Approximate approximate { get; set; }

    public bool inplace { get; set; }

    public override Tensor forward(Tensor tensor) => nn.functional.gelu(tensor, approximate, inplace);

    /// <summary>How the normal distribution function is computed.</summary>
    public enum Approximate
    {
        none = 0,
        tanh = 1,
    }
}
