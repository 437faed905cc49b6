using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Modules applied one after the other. Intermediate results are disposed; autograd keeps what it needs.</summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly List<nn.IModule<Tensor, Tensor>> links = [];

    protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules)
        : base(nameof(Sequential))
    {
        foreach (var (linkName, link) in modules)
        {
            append(linkName, link);
        }
    }

    protected Sequential(params nn.Module<Tensor, Tensor>[] modules)
        : base(nameof(Sequential))
    {
        foreach (var link in modules)
        {
            append(link);
        }
    }

    internal static Sequential Of(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) => new(modules);

    internal static Sequential Of(params nn.Module<Tensor, Tensor>[] modules) => new(modules);

    public int Count => links.Count;

    [IndexerName("SequentialItems")]
    public nn.IModule<Tensor, Tensor> this[int index] => links[index];

    [IndexerName("SequentialItems")]
    public Sequential this[Range index]
    {
        get
        {
            var (start, length) = index.GetOffsetAndLength(links.Count);
            return new Sequential(
                named_children()
                    .Skip(start)
                    .Take(length)
                    .Select(child => (child.name, (nn.Module<Tensor, Tensor>)child.module))
                    .ToArray()
            );
        }
    }

    public Sequential append(nn.IModule<Tensor, Tensor> module) => append($"{links.Count}", module);

    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        if (module is not nn.Module link)
        {
            throw new ArgumentException("A sequence holds modules only.", nameof(module));
        }
        register_module(name, link);
        links.Add(module);
        return this;
    }

    public override Tensor forward(Tensor tensor)
    {
        if (links.Count == 0)
        {
            return tensor.alias();
        }
        var current = tensor;
        foreach (var link in links)
        {
            var next = link.call(current);
            if (!ReferenceEquals(current, tensor) && !ReferenceEquals(current, next))
            {
                current.Dispose();
            }
            current = next;
        }
        return current;
    }
}
