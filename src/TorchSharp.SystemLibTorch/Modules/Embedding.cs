using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Rows of a table, picked by index.</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private static readonly Operator Lookup = new("aten::embedding");
    private static readonly Operator Renormalize = new("aten::embedding_renorm_");

    private readonly long paddingIndex;
    private readonly double? maxNorm;
    private readonly double normType;
    private readonly bool scaleByFrequency;
    private readonly bool sparse;

    [ComponentName(Name = nameof(weight))]
    private Parameter? _weight;

    internal Embedding(
        Parameter weight,
        long? padding_idx,
        double? max_norm,
        double norm_type,
        bool scale_grad_by_freq,
        bool sparse
    )
        : base(nameof(Embedding))
    {
        _weight = weight;
        paddingIndex = padding_idx ?? -1;
        maxNorm = max_norm;
        normType = norm_type;
        scaleByFrequency = scale_grad_by_freq;
        this.sparse = sparse;
        RegisterComponents();
    }

    public Parameter? weight
    {
        get => _weight;
        set
        {
            _weight = value;
            ConditionallyRegisterParameter(nameof(weight), value);
        }
    }

    public override Tensor forward(Tensor input)
    {
        if (maxNorm is { } limit)
        {
            using (no_grad())
            {
                Renormalize.InvokeVoid(_weight, input, limit, normType);
            }
        }
        return Lookup.Invoke(_weight, input, paddingIndex, scaleByFrequency, sparse);
    }
}
